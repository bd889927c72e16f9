/**
 * @typedef {import('@longcall/core').TaskStore} TaskStore
 * @typedef {import('@longcall/core').TaskEnding} TaskEnding
 *
 * @typedef {{
 *   readonly reach: import('./killer.mjs').Reach,
 *   readonly journal: import('./journal.mjs').Journal,
 *   readonly wires: Map<string, string>,
 * }} Watch `wires` are those of the tasks, by id.
 */

/**
 * A store that writes down what was made durable, and says before and after each write that its moment has come.
 *
 * @param {TaskStore} store
 * @param {Watch} watch
 * @returns {TaskStore}
 */
export function watchedStore(store, { reach, journal, wires }) {
  /** The leases of tasks that were taken to be ended. @type {Set<string>} */
  const lost = new Set()

  /**
   * @template T
   * @param {string} name
   * @param {string | undefined} id
   * @param {() => Promise<T>} call
   * @param {(result: T) => void} [note]
   */
  const around = async (name, id, call, note = () => {}) => {
    const wire = id === undefined ? undefined : wires.get(id)
    reach(`${name}:before`, wire)
    const result = await call()
    note(result)
    reach(`${name}:after`, wire)
    return result
  }
  /** @param {TaskEnding} ending @param {string | undefined} token */
  const endName = ({ status }, token) => {
    if (token !== undefined && lost.has(token)) return 'lost'
    return status === 'cancelled' ? 'cancel' : 'end'
  }

  /** @type {Partial<TaskStore>} */
  const watched = {
    create: (task, options) => {
      wires.set(task.id, wireOf(task.request))
      return around(
        'create',
        task.id,
        () => store.create(task, options),
        ({ kind }) => kind === 'created' && journal({ kind, task: task.id }),
      )
    },
    claim: (id, request) => around('claim', id, () => store.claim(id, request)),
    steps: (id) => around('steps', id, () => store.steps(id)),
    saveStep: (id, step, guard) =>
      around(
        'saveStep',
        id,
        () => store.saveStep(id, step, guard),
        ({ kind }) => kind === 'written' && journal({ kind: 'saved', task: id, value: stepValue(step.value) }),
      ),
    ask: (id, question, guard) =>
      around(
        'ask',
        id,
        () => store.ask(id, question, guard),
        ({ kind }) =>
          kind === 'written' &&
          journal({
            kind: 'asked',
            task: id,
            key: question.key,
            words: /** @type {string} */ (question.params['message']),
          }),
      ),
    answer: (id, answers, owner) =>
      around(
        'answer',
        id,
        () => store.answer(id, answers, owner),
        (result) => result.kind === 'written' && journal({ kind: 'answered', task: id, keys: result.answered }),
      ),
    end: (id, ending, guard) =>
      around(
        endName(ending, guard.token),
        id,
        () => store.end(id, ending, guard),
        ({ kind }) => kind === 'written' && journal({ kind: 'ended', task: id, status: ending.status }),
      ),
    claimLost: (request, limit) =>
      around(
        'claimLost',
        undefined,
        () => store.claimLost(request, limit),
        (claims) => {
          for (const { token } of claims) lost.add(token)
        },
      ),
    claimable: (request, page) => around('claimable', undefined, () => store.claimable(request, page)),
    heartbeat: (leases, leaseMs) => around('heartbeat', undefined, () => store.heartbeat(leases, leaseMs)),
    sweep: (limit) => around('sweep', undefined, () => store.sweep(limit)),
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name in watched) return Reflect.get(watched, name)
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/**
 * Writes down what a process finds that has just started: the open tasks, and the steps that they have kept.
 *
 * @param {TaskStore} store
 * @param {Watch} watch
 */
export async function takeStock(store, { journal, wires }) {
  for await (const id of idsOf(store, ['working', 'input_required'])) {
    // Where other processes run, what is found is no older than this.
    journal({ kind: 'looks', task: id })
    const task = await store.get(id)
    if (task === undefined || (task.status !== 'working' && task.status !== 'input_required')) continue
    wires.set(id, wireOf(task.request))
    const steps = await store.steps(id)
    journal({ kind: 'found', task: id, steps: [...steps.values()].map((value) => stepValue(value)) })
  }
}

/**
 * Writes down what the store says that happened to each task.
 *
 * @param {TaskStore} store
 * @param {import('./journal.mjs').Journal} journal
 */
export async function writeHistories(store, journal) {
  for await (const id of idsOf(store)) journal({ kind: 'history', task: id, entries: await store.history(id) })
}

/**
 * @param {TaskStore} store
 * @param {readonly import('@longcall/core').TaskStatus[]} [statuses]
 */
async function* idsOf(store, statuses) {
  /** @type {string | undefined} */
  let cursor
  do {
    const page = await store.list(
      { ...(statuses !== undefined && { statuses }) },
      { limit: 200, ...(cursor !== undefined && { cursor }) },
    )
    for (const { id } of page.tasks) yield id
    cursor = page.nextCursor
  } while (cursor !== undefined)
}

/** @param {import('@longcall/core').TaskRequest} request */
function wireOf(request) {
  return /** @type {string} */ (request.arguments['wire'])
}

/** @param {unknown} value */
function stepValue(value) {
  return /** @type {import('./journal.mjs').StepValue} */ (value)
}
