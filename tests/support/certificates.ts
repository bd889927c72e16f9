import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate that vouches for itself, for `name` and for 127.0.0.1; its key is encrypted with `passphrase`. */
export function selfSigned(name: string, passphrase?: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  const at = (file: string): string => join(folder, file)
  try {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', '2'],
        ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`],
        ...['-keyout', at('key.pem'), '-out', at('cert.pem')],
        ...(passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`]),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    return { cert: readFileSync(at('cert.pem'), 'utf8'), key: readFileSync(at('key.pem'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
