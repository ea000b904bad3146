/**
 * The panel of the tour: a small part of the window beside the element that it
 * is about, on a phone at the bottom. The page stays usable; the focus comes
 * here only when it is asked for.
 */
import { make, passFocus } from '../lib/dom.js';
import { placeBeside } from './beside.js';

/** Milliseconds between two looks at where the element is: views build theirs when they are opened. */
const pace = 250;

/** Where the panel is at the bottom. */
const phone = matchMedia('(max-width: 47.99rem)');

const still = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * @typedef {object} Shown what the panel says of a step
 * @property {string} place such as "3 of 8"
 * @property {string} title
 * @property {string} text
 * @property {string} task
 * @property {string} done what has been seen; empty: the task is not done
 * @property {string} next what the button says
 * @property {boolean} first whether there is no step before
 * @property {{title: string, url: string}[]} references
 * @property {string} target selector of the element
 * @property {string} focus selector of what takes the focus there; empty: the first in it that can
 * @property {string} section selector of what has the element, whose content comes when it is about to be seen; empty: the element is there
 * @property {boolean} aside whether the panel is in the corner, not beside the element
 */

/** The panel. */
export class TourPanel {
  element = make('section', { className: 'tour', id: 'tour', hidden: true });

  #head = make('h2', { tabIndex: -1, id: 'tour-head' });
  #place = make('p', { className: 'small' });
  #body = make('div', { className: 'body' });
  #buttons = make('div', { className: 'buttons' });
  #done = make('p', { className: 'done' });
  #references = make('p', { className: 'small references' });
  #next;
  #back;
  #show;
  #target = '';
  #focus = '';
  #aside = false;
  /** Where the element comes when it is about to be seen. */
  #section = '';
  /** The element that is lit. @type {Element | null} */
  #lit = null;
  /** Whether the window goes to the element once it is there. */
  #go = false;
  /** Whether the focus goes there, too: a key was pressed, not a pointer. */
  #take = false;
  /** Whether the focus went there. */
  #taken = false;
  /** Selector of the tab that has the element, until it was opened; empty: none. */
  #tab = '';
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {import('../lib/i18n.js').I18n} i18n
   * @param {{next: () => void, back: () => void, leave: () => void, show: () => void}} actions
   */
  constructor(i18n, { next, back, leave, show }) {
    this.element.setAttribute('aria-labelledby', this.#head.id);
    this.#done.setAttribute('role', 'status');
    this.#place.setAttribute('aria-live', 'polite'); // the focus stays on “Next”
    this.#head.setAttribute('aria-live', 'polite');
    const button = (/** @type {string} */ key, /** @type {string} */ id, /** @type {(e: MouseEvent) => void} */ fn) => {
      const b = make('button', { type: 'button' });
      if (key) i18n.text(b, key);
      b.dataset.testid = id;
      b.addEventListener('click', fn);
      return b;
    };
    const close = button('', 'tour-leave', leave);
    close.className = 'icon close';
    close.textContent = '×';
    i18n.attr(close, 'aria-label', 'tour.leave');
    i18n.attr(close, 'title', 'tour.leave');
    this.#next = button('', 'tour-next', next);
    this.#next.className = 'strong';
    this.#back = button('tour.back', 'tour-back', back);
    this.#show = button('tour.show', 'tour-show', (e) => {
      this.#take = e.detail === 0;
      show();
    });
    i18n.attr(this.#show, 'title', 'tour.show-title');
    this.#buttons.append(this.#back, this.#show, this.#next);
    this.element.append(close, this.#place, this.#head, this.#body, this.#done, this.#references, this.#buttons);
    const place = () => this.#putBeside();
    addEventListener('scroll', place, { capture: true, passive: true });
    addEventListener('resize', place);
  }

  /** Whether it is open. */
  get open() {
    return !this.element.hidden;
  }

  /** Whether an element is in what the focus went to from here, from where it can come back. @param {Element} element */
  gaveFocusTo(element) {
    return this.#taken && (this.#lit?.contains(element) ?? false);
  }

  /** Takes the focus. */
  focus() {
    this.#taken = false;
    this.#head.focus({ preventScroll: true });
  }

  /** @param {Shown} shown */
  step(shown) {
    this.#say(shown.place, shown.title);
    const links = shown.references.map(({ title, url }) => make('a', { href: url, target: '_blank', rel: 'noopener', lang: 'en' }, title));
    this.#body.setAttribute('aria-live', 'polite');
    this.#body.replaceChildren(make('p', {}, shown.text), make('p', { className: 'task' }, shown.task));
    this.#references.replaceChildren(...links.flatMap((a, i) => (i > 0 ? ['; ', a] : [a])));
    this.done(shown.done, shown.next);
    if (shown.first) passFocus(this.#back, this.#next);
    this.#back.hidden = shown.first;
    this.#show.hidden = false;
    this.#aside = shown.aside;
    this.#take = this.#taken = false;
    this.#focus = shown.focus;
    this.#section = shown.section;
    this.#lightTarget(shown.target);
  }

  /**
   * Says what has been seen.
   *
   * @param {string} text empty: nothing yet
   * @param {string} next what the button says now
   */
  done(text, next) {
    this.element.classList.toggle('is-done', text !== '');
    this.#done.textContent = text;
    this.#next.textContent = next;
    this.#putBeside();
  }

  /**
   * The end of the tour.
   *
   * @param {string} title
   * @param {string} next what the button says
   * @param {Node[]} content
   */
  end(title, next, content) {
    this.#say('', title);
    this.#body.setAttribute('aria-live', 'off'); // answers are opened one by one
    this.#body.replaceChildren(...content);
    this.#references.replaceChildren();
    this.done('', next);
    this.#back.hidden = false;
    this.#show.hidden = true;
    this.#lightTarget('');
  }

  /** Closes it. */
  close() {
    this.#lightTarget('');
    clearInterval(this.#timer);
    this.element.hidden = true;
    document.documentElement.classList.remove('touring');
  }

  /**
   * Goes to the element, once it is there.
   *
   * @param {string} [tab] selector of the tab that has it where there are tabs, as on a phone; its view may have to come first
   */
  goToTarget(tab = '') {
    this.#go = true;
    this.#tab = tab;
    this.#look();
  }

  /** @param {string} place @param {string} title */
  #say(place, title) {
    this.element.hidden = false;
    document.documentElement.classList.add('touring');
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), pace);
    this.#place.textContent = place;
    this.#head.textContent = title;
    this.#body.scrollTop = 0;
  }

  /** @param {string} selector empty: none */
  #lightTarget(selector) {
    this.#target = selector;
    this.#look();
  }

  /** Lights the element, which may have come by now, or gone. */
  #look() {
    const found = this.#target ? document.querySelector(this.#target) : null;
    if (found !== this.#lit) {
      this.#lit?.classList.remove('tour-lit');
      found?.classList.add('tour-lit');
      this.#lit = found;
    }
    if (this.#go && this.#tab && found) {
      const tab = document.querySelector(this.#tab);
      this.#tab = '';
      if (tab instanceof HTMLElement && tab.offsetParent) tab.click();
    }
    const box = found?.getBoundingClientRect();
    if (this.#go && box && box.height > 0) {
      this.#go = false;
      const room = innerHeight - (phone.matches ? this.element.offsetHeight : 0);
      if (box.top < 0 || box.bottom > room) this.#scrollTo(scrollY + box.top - Math.max(16, (room - box.height) / 2));
      if (this.#take && found) {
        focusIn(found, this.#focus);
        this.#taken = true;
      }
      this.#take = false;
    } else if (this.#go && !found && this.#section) {
      const section = document.querySelector(this.#section)?.getBoundingClientRect();
      if (section && (section.top > document.documentElement.clientHeight || section.bottom < 0))
        this.#scrollTo(scrollY + section.top - 16);
    }
    this.#putBeside();
  }

  /** @param {number} top */
  #scrollTo(top) {
    scrollTo({ top, behavior: still.matches ? 'instant' : 'smooth' });
  }

  #putBeside() {
    if (!this.open) return;
    const { style, offsetWidth: width, offsetHeight: height } = this.element;
    if (phone.matches) {
      style.left = style.top = '';
      return;
    }
    const { clientWidth, clientHeight } = document.documentElement;
    const box = this.#lit?.getBoundingClientRect();
    const seen = !this.#aside && box && box.height > 0 && box.bottom > 0 && box.top < clientHeight;
    const { left, top } = placeBeside(seen ? box : null, { width, height }, { width: clientWidth, height: clientHeight });
    style.left = `${Math.round(left)}px`;
    style.top = `${Math.round(top)}px`;
  }
}

/** What takes the focus. */
const focusable = 'button:enabled, input:enabled, select:enabled, a[href], [tabindex="0"]';

/**
 * Takes the focus to an element, or into it.
 *
 * @param {Element} element
 * @param {string} wanted selector of what takes the focus; empty: the first that can
 */
function focusIn(element, wanted) {
  const first = (wanted && element.querySelector(wanted)) || (element.matches(focusable) ? element : element.querySelector(focusable));
  if (first instanceof HTMLElement) first.focus({ preventScroll: true });
}
