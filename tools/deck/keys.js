// What both decks share: which key does what, and a slide that always fits.
const WIDTH = 1280, HEIGHT = 720;

const KEYS = {
  ArrowRight: 'next', ArrowDown: 'next', PageDown: 'next', ' ': 'next',
  ArrowLeft: 'back', ArrowUp: 'back', PageUp: 'back',
  Home: 'first', End: 'last',
  b: 'black', '.': 'black', c: 'code', s: 'notes', F5: 'start', Escape: 'stop',
};
const CLICKER = ['PageDown', 'PageUp', 'F5'];  // a clicker's buttons work wherever the focus is

// Return what a pressed key asks of the deck, or undefined where it belongs to a control.
function asked(event) {
  const { key, target } = event;
  if (key === 'Enter' && (event.shiftKey || event.ctrlKey)) return 'run';
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const typing = target.closest?.('input, textarea, select, .cm-content, .jp-Dialog');
  const moving = target.closest?.('button, a, [role=slider]');
  if ((typing || moving) && key === 'Escape') return 'leave';
  if (typing && !CLICKER.includes(key)) return undefined;
  if (moving && /^Arrow|Home|End| $/.test(key)) return undefined;
  return key === ' ' && event.shiftKey ? 'back' : KEYS[key.length === 1 ? key.toLowerCase() : key];
}

const BOXES = '.jp-OutputArea :is('
  + 'table, pre, figure img, .lesson, .lesson-form, .course-panel, .course-panel-still)';

// Zoom a slide until it fits: what stands without prose grows to be read from the last row, and
// what is too tall shrinks, as a table may be in another world. `outputs` are the slide's parts if
// there is no prose, `zoom(factor)` sizes it, `isTooTall()` tells whether it is cut off.
function fit(outputs, zoom, isTooTall) {
  zoom(1);
  const boxes = outputs.flatMap(output => [...output.querySelectorAll(BOXES)]);
  const width = element => element.getBoundingClientRect().width;
  for (const cell of boxes.flatMap(box => [...box.querySelectorAll('td')]))
    if (cell.textContent.trim().length <= 12) cell.style.whiteSpace = 'nowrap';  // no "42" over "%"
  const room = boxes.filter(width).map(box => width(box.closest('.jp-OutputArea')) / width(box));
  let factor = room.length ? Math.max(1, Math.min(1.3, 0.97 * Math.min(...room))) : 1;
  for (zoom(factor); factor > 0.6 && isTooTall(); zoom(factor)) factor *= 0.97;
}
