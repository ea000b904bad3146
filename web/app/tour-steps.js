/**
 * The steps of the tour: each is about one element of the page, and has one
 * thing to do there, which the tour notices.
 *
 * @typedef {object} Now what a step looks at
 * @property {{rev: number, source: string, drawing: boolean, empty: boolean}} a pad A
 * @property {{step: number, status: string, kl: number | null, settings?: {beta: number}}} train the run, or what is set for the next
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title keys among the texts of the tour
 * @property {string} text
 * @property {string} task
 * @property {string} done
 * @property {string} view where the element is
 * @property {string} target selector of the element
 * @property {string} [focus] selector of what takes the focus there, if that is neither what the event is of nor the first that can
 * @property {string} [section] selector of what has the element, whose content comes when it is about to be seen
 * @property {string} [tab] of the view, which has the element, or what is to be seen, on a phone
 * @property {{events: string[], selector: string}} [event] the task is done at one of these events in such an element
 * @property {(now: Now, begun: Now) => boolean} [holds] or when this is so; begun: what was when the step began
 * @property {boolean} [aside] the panel is in the corner, where it hides less of what there is to see
 * @property {string[]} references ids in glossary.json
 */

/** From where on a KL term is small, and from where on it is there again, in nats: that of a model that has collapsed, and that learns. */
const collapsed = 1;
const learning = 5;

/** Steps after which reconstructions are no noise any more. */
const trained = 100;

/** A weight of the KL term under which a posterior collapses. */
const heavy = 40;

/** @type {Step[]} */
export const steps = [
  {
    name: 'latent',
    ...{ title: 'tour.latent', text: 'tour.latent-text', task: 'tour.latent-task', done: 'tour.latent-done' },
    view: 'studio',
    target: '.side.a .draw',
    holds: ({ a }, begun) => a.rev > begun.a.rev && a.source === 'drawn' && !a.drawing && !a.empty,
    references: ['rezende'],
  },
  {
    name: 'autoencoder',
    ...{ title: 'tour.autoencoder', text: 'tour.autoencoder-text', task: 'tour.autoencoder-task', done: 'tour.autoencoder-done' },
    view: 'studio',
    target: '.dreams',
    event: { events: ['click'], selector: '#resample' },
    references: ['goodfellow-book', 'vae'],
  },
  {
    name: 'sampling',
    ...{ title: 'tour.sampling', text: 'tour.sampling-text', task: 'tour.sampling-task', done: 'tour.sampling-done' },
    view: 'studio',
    target: '.how-picture .column.sample',
    section: '#how-it-works',
    event: { events: ['click'], selector: '[data-testid="draw-z"]' },
    references: ['vae'],
  },
  {
    name: 'kl',
    ...{ title: 'tour.kl', text: 'tour.kl-text', task: 'tour.kl-task', done: 'tour.kl-done' },
    view: 'studio',
    target: '.how-picture .loss',
    section: '#how-it-works',
    event: { events: ['pointerover', 'focusin', 'click'], selector: '[data-term="kl"]' },
    references: ['kl'],
  },
  {
    name: 'beta',
    ...{ title: 'tour.beta', text: 'tour.beta-text', task: 'tour.beta-task', done: 'tour.beta-done' },
    view: 'train',
    target: '.row:has(> #set-beta)',
    focus: '#set-beta',
    tab: 'settings',
    holds: ({ train }) => (train.settings?.beta ?? 1) >= heavy,
    references: ['beta'],
  },
  {
    name: 'collapse',
    ...{ title: 'tour.collapse', text: 'tour.collapse-text', task: 'tour.collapse-task', done: 'tour.collapse-done' },
    view: 'train',
    target: '[data-testid="train-toggle"]',
    tab: 'pictures', // where the reconstructions are; the button is on all of them
    aside: true,
    holds: ({ train }) => train.step >= trained && train.kl !== null && train.kl < collapsed,
    references: ['bowman', 'lucas'],
  },
  {
    name: 'training',
    ...{ title: 'tour.training', text: 'tour.training-text', task: 'tour.training-task', done: 'tour.training-done' },
    view: 'train',
    target: '.row:has(> #set-beta)',
    focus: '#set-beta',
    tab: 'settings',
    aside: true,
    holds: ({ train }) => (train.settings?.beta ?? heavy) <= 1 && train.kl !== null && train.kl > learning,
    references: ['vae', 'adam'],
  },
  {
    name: 'interpolation',
    ...{ title: 'tour.interpolation', text: 'tour.interpolation-text', task: 'tour.interpolation-task', done: 'tour.interpolation-done' },
    view: 'studio',
    target: '.studio-morph',
    event: { events: ['input'], selector: '#scrub' },
    references: ['white'],
  },
];

/** The questions at the end, with their answers. */
export const questions = [
  ['tour.ask-dimension', 'tour.answer-dimension'],
  ['tour.ask-sigma', 'tour.answer-sigma'],
  ['tour.ask-kl', 'tour.answer-kl'],
  ['tour.ask-beta', 'tour.answer-beta'],
  ['tour.ask-smooth', 'tour.answer-smooth'],
  ['tour.ask-limits', 'tour.answer-limits'],
];
