import { generate } from 'selfsigned'

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate that vouches for itself, for `name` and for 127.0.0.1; its key is encrypted with `passphrase`. */
export async function selfSigned(name: string, passphrase?: string): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      // An authority too: a certificate that is trusted as itself has to be one.
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: name },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
    ...(passphrase !== undefined && { passphrase }),
  })
  return { cert: made.cert, key: made.private }
}
