/**
 * The tour: which step it is at, whether what the step asks for was done, and
 * what comes next. It is kept over a reload.
 *
 * @typedef {import('./tour-steps.js').Now} Now
 * @typedef {{references: Record<string, {title: string, url: string}>}} Glossary
 */
import { make } from '../lib/dom.js';
import { TourPanel } from '../ui/tour-panel.js';
import { lessons } from './lessons.js';
import { questions, steps } from './tour-steps.js';

/** Events in the page at which a task may be done; after the last three something may have changed. */
const watched = ['pointerover', 'focusin', 'click', 'change', 'input'];
const changing = watched.slice(2);

/** The tour. */
export class Tour {
  #page;
  #panel;
  /** Number of the step; steps.length: the questions. */
  #at = 0;
  /** The step whose task is done; -1: that of none that is shown. */
  #done = -1;
  /** What was when the step began. @type {Now} */
  #begun;

  /**
   * @param {object} page
   * @param {import('../lib/i18n.js').I18n} page.i18n
   * @param {import('../lib/local-storage.js').LocalStore} page.store
   * @param {import('../lib/emitter.js').Emitter} page.events
   * @param {Glossary} page.glossary
   * @param {() => Now} page.now
   * @param {(view: string) => void} page.go shows a view
   * @param {(focused: boolean) => void} page.onLeave called when it is closed; focused: the focus was in it
   */
  constructor(page) {
    this.#page = page;
    this.#begun = page.now();
    this.#panel = new TourPanel(page.i18n, {
      next: () => this.#next(),
      back: () => this.#to(this.#at - 1),
      leave: () => this.leave(),
      show: () => this.#goThere(),
    });
    document.body.append(this.#panel.element);
    const saved = page.store.get('tour');
    if (Number.isInteger(saved) && saved >= 0 && saved <= steps.length) this.#at = saved;
    for (const type of watched) document.addEventListener(type, (e) => this.#notice(e), { capture: true });
    for (const event of ['change', 'progress']) page.events.on(event, () => this.#look());
    document.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !this.open || !(e.target instanceof Element)) return;
      if (e.target === document.body || this.#panel.element.contains(e.target)) this.leave();
      else if (this.#panel.gaveFocusTo(e.target)) this.#panel.focus();
    });
    page.i18n.onChange(() => this.open && this.#show());
  }

  /** Whether it is open. */
  get open() {
    return this.#panel.open;
  }

  /** Opens it where it was left, or takes the focus to it. */
  start() {
    if (!this.open) this.#to(this.#at);
    this.#panel.focus();
  }

  /** Closes it. It can be gone on with. */
  leave() {
    const focused = this.#panel.element.contains(document.activeElement);
    this.#panel.close();
    this.#page.onLeave(focused);
  }

  #next() {
    if (this.#at < steps.length) {
      this.#to(this.#at + 1);
      return;
    }
    this.leave();
    this.#save(0);
  }

  /** @param {number} at */
  #to(at) {
    this.#save(at);
    this.#done = -1;
    this.#begun = structuredClone(this.#page.now());
    this.#show();
    this.#goThere();
    this.#look();
  }

  /** @param {number} at */
  #save(at) {
    this.#at = at;
    this.#page.store.set('tour', at);
  }

  /** Goes to the view and the element that the step is about. */
  #goThere() {
    const step = steps[this.#at];
    if (!step) return;
    this.#page.go(step.view);
    this.#panel.goToTarget(step.tab ? `[data-testid="tab-${step.tab}"]` : '');
  }

  #show() {
    const { i18n, glossary } = this.#page;
    const step = steps[this.#at];
    if (!step) {
      const unfold = (/** @type {string} */ head, /** @type {Node[]} */ ...content) =>
        make('details', {}, make('summary', {}, i18n.t(head)), ...content);
      const says = (/** @type {string} */ key) => make('p', {}, i18n.t(key));
      this.#panel.end(i18n.t('tour.end'), i18n.t('tour.finish'), [
        says('tour.end-text'),
        ...questions.map(([question, answer]) => unfold(question, says(answer))),
        make('h3', {}, i18n.t('lesson.head')),
        ...lessons.map(({ address, question, look, shows }) =>
          unfold(question, says(look), says(shows), make('p', {}, make('a', { href: address }, i18n.t('lesson.open')))),
        ),
      ]);
      return;
    }
    this.#panel.step({
      place: i18n.t('tour.place', { at: this.#at + 1, all: steps.length }),
      title: i18n.t(step.title),
      text: i18n.t(step.text),
      task: i18n.t(step.task),
      ...this.#outcome(),
      first: this.#at === 0,
      references: step.references.map((id) => glossary.references[id]),
      target: step.target,
      focus: step.focus ?? step.event?.selector ?? '',
      section: step.section ?? '',
      aside: step.aside ?? false,
    });
  }

  /** What the panel says of the task. */
  #outcome() {
    const { i18n } = this.#page;
    const done = this.#done === this.#at;
    return { done: done ? i18n.t(steps[this.#at].done) : '', next: i18n.t(done ? 'tour.next' : 'tour.skip') };
  }

  /** @param {Event} e */
  #notice(e) {
    if (!this.open) return;
    const event = steps[this.#at]?.event;
    if (event?.events.includes(e.type) && e.target instanceof Element && e.target.closest(event.selector)) this.#finish();
    else if (changing.includes(e.type)) setTimeout(() => this.#look()); // what listens to it comes first
  }

  /** Looks whether the task is done. */
  #look() {
    if (this.open && steps[this.#at]?.holds?.(this.#page.now(), this.#begun)) this.#finish();
  }

  #finish() {
    if (this.#done === this.#at) return;
    this.#done = this.#at;
    const { done, next } = this.#outcome();
    this.#panel.done(done, next);
  }
}
