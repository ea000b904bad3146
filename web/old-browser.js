/**
 * Says that the browser is too old for the page. The first classic script in the head,
 * in JavaScript that browsers of 2016 read: they cannot read the rest.
 */
(() => {
  const words = {
    en: 'This browser is too old for Inkdrift. It needs Chrome or Edge 98, Firefox 102, Safari 15.4, or a newer version.',
    zh: '此浏览器版本过旧，无法运行 Inkdrift。请使用 Chrome 或 Edge 98、Firefox 102、Safari 15.4 或更新的版本。',
  };

  /** Whether all is there that the page cannot do without; who has it can read the modules, too. */
  const isNew = typeof TransformStream === 'function' && typeof structuredClone === 'function' && 'hasOwn' in Object;
  if (isNew || location.protocol === 'file:') return;
  document.documentElement.dataset.old = ''; // nothing else need be said

  addEventListener('DOMContentLoaded', () => {
    let lang = navigator.language;
    try {
      lang = JSON.parse(localStorage.getItem('inkdrift.language') || 'null') || lang;
    } catch (_) {
      // Storage is refused, or damaged.
    }
    const box = document.createElement('div');
    box.id = 'start-failure';
    box.className = 'error';
    box.setAttribute('role', 'alert');
    const sentence = document.createElement('p');
    sentence.textContent = /^zh/i.test(lang) ? words.zh : words.en;
    box.appendChild(sentence);
    document.body.insertBefore(box, document.body.firstChild);
    const status = document.getElementById('status');
    if (status) status.textContent = ''; // it says “Loading”
  });
})();
