// The instructor's own page: what to say at this slide, and where the class should be by now.
const channel = new BroadcastChannel('course-present');
const at = id => document.getElementById(id);
let now = NOTES.slides[0].id, started = null;

// Return the part of the plan that a slide belongs to: that of the last slide which the plan names.
function partOf(id) {
  const upTo = NOTES.slides.findIndex(slide => slide.id === id);
  const before = NOTES.slides.slice(0, upTo + 1).map(slide => slide.id).reverse();
  const parts = before.map(each => NOTES.plan.find(part => part.slides.includes(each)));
  return parts.find(Boolean) ?? NOTES.plan[0];
}

const time = minutes => `${Math.floor(minutes)}:${String(Math.floor(minutes * 60) % 60).padStart(2, '0')}`;

function tick() {
  const passed = started === null ? 0 : (Date.now() - started) / 60000;
  const { from, until } = partOf(now);
  const late = passed - until, early = from - passed;
  at('clock').textContent = time(passed);
  at('pace').textContent = `this part: ${time(from)} to ${time(until)}`
    + (late > 0 ? `, ${time(late)} late` : early > 1 ? `, ${time(early)} ahead` : '');
  at('pace').classList.toggle('late', late > 0);
}

function draw() {
  const index = NOTES.slides.findIndex(each => each.id === now);
  const slide = NOTES.slides[index], following = NOTES.slides[index + 1];
  at('slide').textContent = `${index + 1} / ${NOTES.slides.length}  ${slide.title}`;
  at('said').innerHTML = slide.said || '<p>No note.</p>';
  at('following').textContent = following ? `Next: ${following.title}` : 'The last slide.';
  for (const button of at('list').querySelectorAll('button'))
    button.classList.toggle('now', button.value === now);
  at('list').querySelector('.now')?.scrollIntoView({ block: 'nearest' });
  tick();
}

function append(name, properties) {
  const made = Object.assign(document.createElement(name), properties);
  at('list').append(made);
  return made;
}

for (const slide of NOTES.slides) {
  const part = NOTES.plan.find(each => each.slides[0] === slide.id);
  if (part?.what) append('h3', { textContent: `${part.from} min: ${part.what}` });
  const button = append('button', { textContent: slide.title, value: slide.id });
  button.onclick = () => { channel.postMessage({ show: slide.id }); button.blur(); };
}
document.title = `Notes: ${NOTES.title}`;
at('plan').innerHTML = NOTES.planText;
at('more').innerHTML = NOTES.more;
at('restart').onclick = () => { started = Date.now(); tick(); at('restart').blur(); };
channel.onmessage = ({ data }) => {
  if (!data.slide) return;
  if (started === null && data.slide !== NOTES.slides[0].id) started = Date.now();
  now = data.slide;
  draw();
};
addEventListener('keydown', event => {
  const go = asked(event);
  if (!['next', 'back', 'black', 'code'].includes(go)) return;
  event.preventDefault();
  channel.postMessage({ go });
});
setInterval(tick, 1000);
draw();
channel.postMessage({ hello: true });
