/**
 * What a run begins with, shown until there is one: examples of the chosen data,
 * and a sketch of the network.
 */
import { make } from '../../lib/dom.js';
import { Pictures } from '../../ui/pictures.js';
import { isMade, madeSets, shapeOf, tones } from '../../training/made-sets.js';
import { NetworkSketch } from './network-sketch.js';

/** Pictures that are shown. */
const count = 12;

/** Data and network. */
export class StartBand {
  element = make('div', { className: 'start' });

  #i18n;
  #training;
  #reader;
  #catalog;
  #fail;
  #sketch;
  #pictures;
  #dataHead = make('h3');
  #networkHead = make('h3');
  /** Set whose pictures are shown or on their way. */
  #name = '';
  /** @type {import('../../training/example-run.js').ExampleRun | null} */
  #example = null;

  /**
   * @param {object} from
   * @param {import('../../lib/i18n.js').I18n} from.i18n
   * @param {import('../../training/training-session.js').TrainingSession} from.training
   * @param {import('../../training/data-reader.js').DataReader} from.reader
   * @param {import('../../training/data-catalog.js').DataCatalog} from.catalog
   * @param {() => Record<string, string>} from.colours
   * @param {(error: unknown) => void} from.fail
   */
  constructor({ i18n, training, reader, catalog, colours, fail }) {
    this.#i18n = i18n;
    this.#training = training;
    this.#reader = reader;
    this.#catalog = catalog;
    this.#fail = fail;
    this.#sketch = new NetworkSketch(i18n);
    const canvas = make('canvas', { className: 'examples' });
    canvas.setAttribute('role', 'img');
    i18n.attr(canvas, 'aria-label', 'start.data-label');
    this.#pictures = new Pictures(canvas, {
      ...{ count, rows: 1, columns: count },
      colours: () => tones(training.settings.data, colours()),
    });
    i18n.text(this.#networkHead, 'start.network');
    const data = make('figure', {}, this.#dataHead, canvas);
    const network = make('figure', {}, this.#networkHead, this.#sketch.element);
    data.dataset.testid = 'start-data';
    network.dataset.testid = 'start-network';
    this.element.append(data, network);
  }

  /** @param {import('../../training/example-run.js').ExampleRun} example whose validation pictures are examples of its data */
  takeExample(example) {
    this.#example = example;
    this.#name = '';
    this.show();
  }

  /** Other colours. */
  refresh() {
    this.#pictures.redraw();
  }

  /** Shows what a run would begin with now. */
  show() {
    const { status, active, settings } = this.#training;
    this.element.hidden = active !== null || status !== 'idle';
    if (this.element.hidden) return;
    const { data } = settings;
    this.#i18n.text(this.#dataHead, 'start.data', () => ({ name: isMade(data) ? this.#i18n.t(madeSets[data].word) : data }));
    this.#sketch.show(settings);
    if (this.#name === data) return;
    this.#name = data;
    if (this.#example?.settings.data === data) {
      const { originals, shape } = this.#example.preview;
      this.#pictures.show([originals.subarray(0, count * shape.reduce((a, b) => a * b, 1))], count, shape);
      return;
    }
    this.#pictures.show([null], count, shapeOf(data));
    if (this.#example || data !== 'digits') this.#fetch(data).catch(this.#fail);
  }

  /** Has the engine read some pictures of a set. @param {string} name */
  async #fetch(name) {
    const files = isMade(name) ? [] : (await this.#catalog.open(name)).files;
    const data = isMade(name) ? { kind: name, count: 2000, seed: 1 } : { kind: 'idx', name };
    const { head, bufs } = await this.#reader.request(
      'data.sheet',
      { data, columns: count, rows: 1, byClass: false, whole: false, seed: 1 },
      files,
    );
    if (this.#name !== name) return;
    this.#pictures.show([planes(new Uint8ClampedArray(bufs[0]), head)], count, head.shape);
  }
}

/**
 * The pictures of a sheet of one row, one after the other, channel by channel.
 *
 * @param {Uint8ClampedArray} rgba
 * @param {{width: number, height: number, shape: number[]}} sheet
 */
function planes(rgba, { width, height, shape }) {
  const [channels, h, w] = shape;
  const pitch = (width - w) / (count - 1);
  const out = new Float32Array(count * channels * h * w);
  for (let k = 0; k < count; k++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const from = (Math.min(y, height - 1) * width + Math.round(k * pitch) + x) * 4 + c;
          out[((k * channels + c) * h + y) * w + x] = rgba[from] / 255;
        }
  return out;
}
