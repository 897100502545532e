// Turns the pages of an exported deck.
const slides = [...document.querySelectorAll('.slide')];
const bar = document.getElementById('bar');
let shown = 0;

function parts(slide) { return [...slide.querySelectorAll('.fragment')]; }

function show(number, { whole = false } = {}) {
  shown = Math.max(0, Math.min(number, slides.length - 1));
  slides.forEach((slide, n) => slide.classList.toggle('shown', n === shown));
  parts(slides[shown]).forEach(part => part.classList.toggle('waiting', !whole));
  document.body.classList.remove('course-code');
  bar.style.width = `${100 * (shown + 1) / slides.length}%`;
  history.replaceState(null, '', `#${slides[shown].id}`);
  fitSlide(slides[shown]);
}

function fitSlide(slide) {
  const page = slide.firstElementChild, prose = page.querySelector('.jp-RenderedMarkdown');
  fit(prose ? [] : [...page.children], factor => page.style.setProperty('--fit', factor),
    () => page.scrollWidth > page.clientWidth || slide.scrollHeight > slide.clientHeight);
}

function resize() {
  const scale = Math.min(innerWidth / WIDTH, innerHeight / HEIGHT);
  document.documentElement.style.setProperty('--scale', scale);
}

const ACTIONS = {
  next: () => {
    const waiting = parts(slides[shown]).find(part => part.classList.contains('waiting'));
    waiting ? waiting.classList.remove('waiting') : show(shown + 1);
  },
  back: () => {
    const open = parts(slides[shown]).findLast(part => !part.classList.contains('waiting'));
    open ? open.classList.add('waiting') : show(shown - 1, { whole: true });
  },
  first: () => show(0),
  last: () => show(slides.length - 1),
  black: () => document.body.classList.toggle('course-black'),
  code: () => { document.body.classList.toggle('course-code'); fitSlide(slides[shown]); },
  start: () => document.documentElement.requestFullscreen(),
};

addEventListener('keydown', event => {
  const action = ACTIONS[asked(event)];
  if (!action) return;
  event.preventDefault();
  action();
});
addEventListener('resize', resize);
addEventListener('hashchange', () => show(slides.findIndex(each => `#${each.id}` === location.hash)));
resize();
show(Math.max(0, slides.findIndex(each => `#${each.id}` === location.hash)));
