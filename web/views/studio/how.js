/**
 * How it works: what is on pad A on its way through the model, from pixels to
 * the ELBO, with all numbers in between. Terms of the formulas and parts of
 * the picture light each other.
 *
 * @typedef {import('./how-picture.js').Explained} Explained
 */
import { freshSeed, make } from '../../lib/dom.js';
import { InkdriftError } from '../../lib/errors.js';
import { HowNotes } from './how-notes.js';
import { HowPicture } from './how-picture.js';
import { sayCloud } from './map-panel.js';

/** How many latents are drawn at a time. */
const draws = 9;

/** Codes of a request that was lost with its engine, or came before there was a model: the next event of a pad asks again. */
const lost = new Set(['engine-died', 'engine-gone', 'no-model']);

/** What fills the section. */
export class How {
  /** @type {Explained | null} */
  #shown = null;
  #visible = false;
  /** Whether what is shown is not of the newest drawing, model or seed. */
  #stale = true;
  #asking = false;
  /** Whether the draws that come next were asked for, and go on the map. */
  #wanted = false;
  #seed = freshSeed();
  #context;
  #picture;
  #notes;
  #about = make('p', { className: 'live' });
  #root;
  #map;

  /**
   * @param {HTMLElement} root the section, with its heading
   * @param {Pick<import('../../app/context.js').AppContext, 'engine' | 'i18n' | 'terms' | 'models' | 'fail'>} context
   * @param {import('../../ui/latent-map.js').LatentMap} map which shows the draws that a person asks for
   */
  constructor(root, context, map) {
    const { engine, i18n, terms } = context;
    this.#context = context;
    this.#root = root;
    this.#map = map;
    this.#picture = new HowPicture(i18n, {
      terms,
      draws,
      onDraw: () => {
        this.#seed = freshSeed();
        this.#wanted = true;
        this.#ask();
      },
      onMap: () => map.focus(),
    });
    map.on('draws', (cloud) => this.#picture.showCloud((words) => sayCloud(i18n, words, cloud), cloud !== null));
    this.#notes = new HowNotes(i18n, terms);
    root.append(this.#about, this.#picture.element, this.#notes.element);
    root.dataset.state = 'waiting';
    const another = () => {
      this.#wanted = false;
      this.#ask();
    };
    engine.on('pad', (head) => head.pad === 'a' && another());
    engine.on('model', another);
    new IntersectionObserver((entries) => {
      this.#visible = entries[entries.length - 1].isIntersecting;
      if (this.#visible && this.#stale) this.#ask();
    }).observe(root);
  }

  /** What scripts see of it: the terms that are shown; null before there are any. */
  get state() {
    if (!this.#shown) return null;
    const { head, z, nats, kl } = this.#shown;
    const i = this.#picture.draw;
    const one = (/** @type {Float32Array} */ rows, /** @type {number} */ width) => [...rows.subarray(i * width, (i + 1) * width)];
    return {
      example: head.example,
      rev: head.rev,
      seed: this.#seed,
      z: one(z, kl.length),
      nats: one(nats, nats.length / head.draws),
      dimensions: [...kl],
      recon: head.recon[i],
      kl: head.kl,
      elbo: -head.negELBO[i],
    };
  }

  /** Paints again, in other colours. */
  redraw() {
    if (this.#shown) this.#picture.show(this.#shown);
  }

  /** Asks the engine, once a frame at most and while it is seen. */
  #ask() {
    this.#stale = true;
    if (this.#asking || !this.#visible) return;
    this.#asking = true;
    requestAnimationFrame(() => void this.#run());
  }

  async #run() {
    const { engine, i18n, models, fail } = this.#context;
    const seed = this.#seed;
    this.#stale = false;
    try {
      const { head, bufs } = await engine.request('explain', { pad: 'a', draws, seed });
      const [x, mu, logvar, eps, z, recon, nats, kl] = bufs.map((b) => new Float32Array(b));
      this.#shown = { head, x, mu, sigma: logvar.map((v) => Math.exp(v / 2)), eps, z, recon, nats, kl };
      this.#picture.show(this.#shown);
      if (this.#wanted && !head.example && seed === this.#seed) {
        this.#wanted = false;
        this.#map.showDraws(this.#shown.z, this.#shown.mu);
      }
      this.#notes.show(head, models.info);
      i18n.text(this.#about, head.example ? 'explain.example' : 'explain.live');
      this.#root.dataset.state = head.example ? 'example' : 'drawing';
    } catch (e) {
      if (!lost.has(InkdriftError.from(e).code)) fail(e);
    }
    this.#asking = false;
    if (this.#stale) this.#ask();
  }
}
