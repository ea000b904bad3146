/**
 * A sketch of the network that the settings describe: a bar for each layer, as
 * tall as it is wide, with its width under it.
 */
import { makeSVG as svg } from '../../lib/dom.js';
import { applies, traits } from '../../training/families.js';
import { shapeOf } from '../../training/made-sets.js';

/** Size of the sketch and of its bars, in its own units. */
const size = { width: 320, height: 74, bar: 9, least: 7, most: 46, text: 64 };

/** @typedef {import('../../training/settings.js').Settings} Settings */
/** @typedef {{part: 'data' | 'encoder' | 'latent' | 'decoder', width: number}} Layer */

/**
 * The layers from the picture to the latent dimensions and back.
 *
 * @param {Settings} s
 * @returns {Layer[]}
 */
export function layersOf(s) {
  const pixels = shapeOf(s.data).reduce((a, b) => a * b, 1);
  const hidden = applies.hidden?.(s) === false ? [] : s.hidden;
  const all = (/** @type {Layer['part']} */ part, /** @type {number[]} */ widths) => widths.map((width) => ({ part, width }));
  return [
    ...(traits(s).encoder ? [...all('data', [pixels]), ...all('encoder', [...s.encoder, ...hidden])] : []),
    ...all('latent', [s.latent]),
    ...all('decoder', [...[...hidden].reverse(), ...s.decoder]),
    ...all('data', [pixels]),
  ];
}

/** The sketch. */
export class NetworkSketch {
  element = svg('svg', { class: 'network', viewBox: `0 0 ${size.width} ${size.height}`, role: 'img' });

  /** @param {import('../../lib/i18n.js').I18n} i18n */
  constructor(i18n) {
    this.i18n = i18n;
  }

  /** @param {Settings} settings */
  show(settings) {
    const layers = layersOf(settings);
    this.i18n.attr(this.element, 'aria-label', 'start.network-label', { list: layers.map((l) => l.width).join(' → ') });
    const most = Math.log(Math.max(...layers.map((l) => l.width)) + 1);
    const step = size.width / layers.length;
    const middle = size.most / 2 + 3;
    const shapes = layers.map(({ part, width }, i) => {
      const tall = size.least + (size.most - size.least) * (Math.log(width + 1) / most);
      return { part, width, x: (i + 0.5) * step, top: middle - tall / 2, tall };
    });
    const links = shapes.slice(1).map((b, i) => {
      const a = shapes[i];
      const [left, right] = [a.x + size.bar / 2, b.x - size.bar / 2];
      return svg('path', { class: 'link', d: `M${left} ${a.top} L${right} ${b.top} V${b.top + b.tall} L${left} ${a.top + a.tall}Z` });
    });
    const bars = shapes.flatMap(({ part, width, x, top, tall }) => {
      const words = svg('text', { x, y: size.text, 'text-anchor': 'middle' });
      words.textContent = String(width);
      return [svg('rect', { class: part, x: x - size.bar / 2, y: top, width: size.bar, height: tall, rx: 2 }), words];
    });
    this.element.replaceChildren(...links, ...bars);
  }
}
