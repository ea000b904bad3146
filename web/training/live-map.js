/**
 * What a map shows of the model that trains, kept up to date for a small part of
 * the leader's time: means of validation pictures, their plane, decoded places. A
 * request has so many milliseconds, whatever a picture costs; points and places
 * take turns, so that the whole map is new every few seconds and something of it
 * several times a second.
 *
 * @typedef {import('./training-session.js').TrainingSession} TrainingSession
 * @typedef {object} Viewer who shows the map
 * @property {boolean} visible
 * @property {number} class that a conditional model decodes
 * @property {(n: number) => {z: ArrayLike<number>}[]} wanted places to decode, the most urgent first
 * @property {(jobs: any[], pixels: Uint8Array) => void} give takes the pictures of the first of them
 * @property {(what: {step: number, points?: Float32Array, labels?: number[], principal?: any, explained?: number[]}) => void} update
 */

/** Milliseconds between two requests, and of computing for one while it trains and while it does not. */
export const pace = { every: 210, training: 3, paused: 60 };

/** Validation pictures on the map. */
export const mapPoints = 250;

/** Most places that are asked for at once. */
const mostPlaces = 128;

/** Keeps a map up to date. */
export class LiveMap {
  #session;
  #viewer;
  #onError;
  #running = false;
  /** Run that the points are of. */
  #run = '';
  /** @type {Float32Array<ArrayBuffer>} */
  #mu = new Float32Array();
  /** @type {number[]} */
  #labels = [];
  /** Steps of the means; -1: there is none. @type {number[]} */
  #steps = [];
  /** The next picture to encode. */
  #next = 0;
  /** Step and number of means that the plane was fitted to. */
  #fitted = '';
  /** The step at which it does not train, and how many means are still wanted of it. */
  #rest = { step: -1, points: 0 };

  /**
   * @param {TrainingSession} session
   * @param {Viewer} viewer
   * @param {(error: unknown) => void} onError
   */
  constructor(session, viewer, onError) {
    this.#session = session;
    this.#viewer = viewer;
    this.#onError = onError;
    session.on('change', () => void this.start());
    session.on('run', () => void this.start());
  }

  /** Keeps it up to date for as long as it is seen and something changes. */
  async start() {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#viewer.visible && this.#session.active) {
        const began = performance.now();
        const more = await this.#refresh();
        if (!more && this.#session.status !== 'running') break;
        const wait = this.#session.status === 'running' ? pace.every - (performance.now() - began) : 0;
        await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 0)));
      }
    } catch (e) {
      // Of workers that died the session reports itself.
      if (this.#session.status === 'running' || this.#session.status === 'paused') this.#onError(e);
    } finally {
      this.#running = false;
    }
  }

  /**
   * Decodes a place at once.
   *
   * @param {Float32Array<ArrayBuffer>} z
   * @returns {Promise<Uint8Array | null>}
   */
  async decode(z) {
    const answer = await this.#session.map({ z, class: this.#viewer.class });
    return answer?.pixels ?? null;
  }

  /** One request. @returns {Promise<boolean>} whether there was something to do */
  async #refresh() {
    const session = this.#session;
    const { active, status, info } = session;
    const run = session.run?.id ?? '';
    if (!active || !info) return false;
    const latent = active.latent;
    const total = Math.min(mapPoints, info.validation.count);
    if (run !== this.#run || this.#mu.length !== total * latent) {
      this.#run = run;
      this.#mu = new Float32Array(total * latent).fill(NaN);
      this.#labels = new Array(total).fill(-1);
      this.#steps = new Array(total).fill(-1);
      this.#next = 0;
      this.#fitted = '';
      this.#rest = { step: -1, points: 0 };
    }
    const running = status === 'running';
    const { step } = session.figures;
    if (running) this.#rest.step = -1;
    else if (this.#rest.step !== step) this.#rest = { step, points: total };
    const jobs = this.#viewer.wanted(mostPlaces);
    // Of a model that does not train each mean is wanted once.
    const points = Math.min(total - this.#next, running ? total : this.#rest.points);
    const mu = this.#toFit(latent, running);
    if (jobs.length === 0 && points === 0 && !mu) return false;
    const answer = await session.map({
      budgetMs: running ? pace.training : pace.paused,
      ...{ first: this.#next, points, class: this.#viewer.class },
      z: Float32Array.from(jobs.flatMap(({ z }) => Array.from(z))),
      mu,
    });
    if (!answer || run !== (session.run?.id ?? '')) return false;
    this.#mu.set(answer.mu, this.#next * latent);
    for (let i = 0; i < answer.points; i++) {
      this.#labels[this.#next + i] = answer.labels[i];
      this.#steps[this.#next + i] = answer.step;
    }
    this.#next = (this.#next + answer.points) % total;
    this.#rest.points = answer.points === 0 ? 0 : this.#rest.points - answer.points;
    this.#viewer.give(jobs, answer.pixels);
    this.#viewer.update({
      step: answer.step,
      points: this.#mu,
      labels: this.#labels,
      ...(answer.plane && { principal: answer.plane, explained: answer.explained }),
    });
    return true;
  }

  /**
   * The means that the plane is to be fitted to now: at the end of a round, and when the first are there.
   *
   * @param {number} latent
   * @param {boolean} running
   */
  #toFit(latent, running) {
    if (latent < 3) return undefined;
    const known = this.#steps.filter((s) => s >= 0).length;
    const now = `${known} ${Math.max(...this.#steps)}`;
    const due = this.#next === 0 || this.#fitted === '' || (!running && this.#steps.every((s) => s === this.#steps[0]));
    if (known < 3 || !due || now === this.#fitted) return undefined;
    const rows = this.#steps.flatMap((s, i) => (s >= 0 ? [this.#mu.subarray(i * latent, (i + 1) * latent)] : []));
    const mu = Float32Array.from(rows.filter((row) => row.every(Number.isFinite)).flatMap((row) => Array.from(row)));
    if (mu.length < 3 * latent) return undefined;
    this.#fitted = now;
    return mu;
  }
}
