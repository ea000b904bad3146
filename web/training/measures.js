/**
 * The measures of a model: the fields of the request for each, and the values of
 * the answer to show. No DOM.
 *
 * @typedef {{family: string, data: string}} Measured settings of the run
 * @typedef {import('../generated/protocol.js').MeasureOK} MeasureOK
 * @typedef {object} Measure one figure
 * @property {string} word a key among the texts: its name
 * @property {string} about what it means
 * @property {'up' | 'down' | ''} better which way is better; '': neither
 * @property {(answer: MeasureOK, number: (v: number) => string) => string | null} of the figure as text; null: it was not measured
 *
 * @typedef {object} MeasureKind measures that are taken together
 * @property {string} name
 * @property {string} word a key: what is measured
 * @property {string} about with what, and what it takes
 * @property {Record<string, {usual: number, min: number, max: number, word: string}>} counts what can be set, by the fields of the request
 * @property {Record<string, number>} [fixed] other fields of the request
 * @property {boolean} on whether it is selected by default
 * @property {(what: Measured) => boolean} fits whether the model has it
 * @property {Measure[]} rows
 */
import { classifierShape } from '../engine/classifier.js';
import { limits } from '../generated/protocol.js';
import { traits } from './families.js';
import { shapeOf } from './made-sets.js';

const images = (/** @type {number} */ usual, word = 'measures.images') => ({ usual, min: 10, max: limits.measured, word });

/**
 * A figure with its unit.
 *
 * @param {(answer: MeasureOK) => number | null | undefined} of
 * @param {{unit?: string, times?: number}} [how]
 */
function figure(of, { unit = '', times = 1 } = {}) {
  return (/** @type {MeasureOK} */ answer, /** @type {(v: number) => string} */ number) => {
    const v = of(answer);
    if (v === undefined) return null;
    return v === null || !Number.isFinite(v) ? '–' : `${number(v * times)}${unit}`;
  };
}

/** A term of the game. @param {string} name */
const gameTerm = (name) =>
  figure(({ bound }) => {
    const i = bound?.terms.indexOf(name) ?? -1;
    return bound?.other[i];
  });

/** A figure of models that encode. @param {'elbo' | 'recon' | 'kl' | 'mse' | 'psnr' | 'ssim'} field @param {{unit?: string, times?: number}} [how] */
const encoderFigure = (field, how) => figure(({ bound }) => (bound?.klPerDim.length ? bound[field] : undefined), how);

/** @type {MeasureKind[]} */
export const measureKinds = [
  {
    name: 'bound',
    word: 'measures.bound',
    about: 'measures.bound-about',
    counts: { bound: images(500) },
    on: true,
    fits: () => true,
    rows: [
      { word: 'measures.elbo', about: 'measures.elbo-about', better: 'up', of: encoderFigure('elbo') },
      { word: 'watch.recon', about: 'measures.recon-about', better: 'down', of: encoderFigure('recon') },
      { word: 'watch.kl', about: 'measures.kl-about', better: '', of: encoderFigure('kl') },
      {
        word: 'measures.active',
        about: 'measures.active-about',
        better: '',
        of: ({ bound }) => (bound?.active.length ? `${bound.active.filter(Boolean).length} / ${bound.active.length}` : null),
      },
      {
        word: 'watch.dims',
        about: 'measures.dims-about',
        better: '',
        of: ({ bound }, number) =>
          bound?.klPerDim.length ? bound.klPerDim.map((/** @type {number | null} */ v) => number(v ?? NaN)).join('  ') : null,
      },
      { word: 'measures.mse', about: 'measures.mse-about', better: 'down', of: encoderFigure('mse') },
      { word: 'measures.psnr', about: 'measures.psnr-about', better: 'up', of: encoderFigure('psnr', { unit: ' dB' }) },
      { word: 'measures.ssim', about: 'measures.ssim-about', better: 'up', of: encoderFigure('ssim') },
      { word: 'watch.discriminator', about: 'watch.discriminator-about', better: '', of: gameTerm('discriminator') },
      { word: 'watch.generator', about: 'watch.generator-about', better: '', of: gameTerm('generator') },
    ],
  },
  {
    name: 'judged',
    word: 'measures.judged',
    about: 'measures.judged-about',
    counts: { samples: images(1000, 'measures.samples'), reference: images(1000, 'measures.reference') },
    on: true,
    fits: ({ data }) => String(shapeOf(data)) === String(classifierShape),
    rows: [
      { word: 'measures.fid', about: 'measures.fid-about', better: 'down', of: figure(({ judged }) => judged?.fid) },
      { word: 'measures.score', about: 'measures.score-about', better: 'up', of: figure(({ judged }) => judged?.score) },
      {
        word: 'measures.covered',
        about: 'measures.covered-about',
        better: 'up',
        of: ({ judged }) => (judged?.judged ? `${judged.covered} / ${judged.counts.length}` : null),
      },
      {
        word: 'measures.largest',
        about: 'measures.largest-about',
        better: '',
        of: ({ judged }, number) => (judged?.judged ? `${number(100 * (judged.largest ?? NaN))} %` : null),
      },
    ],
  },
  {
    name: 'prior',
    word: 'measures.prior',
    about: 'measures.prior-about',
    counts: { prior: images(3000) },
    on: false,
    fits: (what) => traits(what).encoder,
    rows: [
      { word: 'measures.density', about: 'measures.density-about', better: 'up', of: figure(({ prior }) => prior?.fitted) },
      { word: 'measures.density-normal', about: 'measures.density-normal-about', better: '', of: figure(({ prior }) => prior?.normal) },
      { word: 'measures.fid-fitted', about: 'measures.fitted-about', better: 'down', of: figure(({ fitted }) => fitted?.fid) },
      { word: 'measures.score-fitted', about: 'measures.fitted-about', better: 'up', of: figure(({ fitted }) => fitted?.score) },
    ],
  },
  {
    name: 'read',
    word: 'measures.read',
    about: 'measures.read-about',
    counts: { read: images(1000) },
    on: false,
    fits: (what) => traits(what).encoder,
    rows: [
      {
        word: 'measures.read',
        about: 'measures.read-about',
        better: 'down',
        of: figure(({ read }) => read?.error, { unit: ' %', times: 100 }),
      },
    ],
  },
  {
    name: 'nll',
    word: 'measures.nll',
    about: 'measures.nll-about',
    counts: { nll: images(50), importance: { usual: 100, min: 1, max: limits.importance, word: 'measures.importance' } },
    on: false,
    fits: (what) => traits(what).encoder,
    rows: [
      { word: 'measures.nll', about: 'measures.nll-row', better: 'down', of: figure(({ nll }) => nll?.nll) },
      { word: 'measures.error', about: 'measures.error-about', better: '', of: figure(({ nll }) => nll?.stdErr) },
    ],
  },
];

/**
 * Classes that samples rarely show: with less than a tenth of an equal share, as
 * metric.Coverage defines it.
 *
 * @param {number[]} counts samples by class
 * @returns {number[]}
 */
export function missingClasses(counts) {
  const n = counts.reduce((a, b) => a + b, 0);
  return counts.flatMap((c, i) => (10 * c * counts.length < n ? [i] : []));
}
