// Presents the notebook that is open: a small extension of JupyterLab, there only for `present`.
// It starts the deck, runs each cell when its slide comes, and speaks with the page of notes.
const here = name => new URL(name, document.currentScript.src).href;
const NOTES = here('notes.html'), STYLE = here('deck.css');
const channel = new BroadcastChannel('course-present');
let shared;  // what JupyterLab shares with its extensions

async function present(app) {
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: STYLE });
  document.head.append(link);
  await app.restored;
  const { CodeCell } = await newest('@jupyterlab/cells');
  const panel = await opened(app);
  const notebook = panel.content, session = panel.sessionContext;
  const folded = notebook.widgets.filter(cell => cell.inputHidden);
  let ran = 0, running = false;

  const onSlide = () => notebook.widgets.filter(
    cell => cell.node.classList.contains('jp-deck-mod-visible'));
  const slides = () => notebook.widgets.filter(
    cell => cell.model.getMetadata('slideshow')?.slide_type === 'slide');
  const presenting = () => panel.node.classList.contains('jp-Deck');

  // Run all up to this slide, and what lies between it and the next. Not further: a guess is taken
  // until its fact was shown.
  async function runToSlide() {
    if (running) return;
    running = true;
    try {
      await session.ready;
      for (; ran < notebook.widgets.length && isDue(ran); ran++) {
        const cell = notebook.widgets[ran];
        if (cell.model.type === 'code') await CodeCell.execute(cell, session);
      }
    } finally {
      running = false;  // a kernel that is restarted leaves its cell unanswered
    }
  }
  function isDue(index) {
    const { model } = notebook.widgets[index];
    const shown = Math.max(-1, ...onSlide().map(cell => notebook.widgets.indexOf(cell)));
    const isSkipped = model.getMetadata('slideshow')?.slide_type === 'skip';
    return index <= shown || isSkipped && !model.sharedModel.getSource().includes('reveal(');
  }

  function fitSlide() {
    const scale = Math.min(innerWidth / WIDTH, innerHeight / HEIGHT);
    const scroller = notebook.node.querySelector('.jp-WindowedPanel-outer') ?? notebook.node;
    const shown = onSlide(), prose = shown.some(cell => cell.model.type !== 'code');
    fit(prose ? [] : shown.map(cell => cell.node),
      factor => document.documentElement.style.setProperty('--deck-zoom', factor * scale),
      () => scroller.scrollHeight > scroller.clientHeight + 1);
  }
  const watch = new ResizeObserver(fitSlide);

  function turned() {
    if (!presenting()) return;
    const clicked = notebook.activeCell.node.contains(document.activeElement);
    if (!clicked) showCode(false);
    watch.disconnect();
    onSlide().forEach(cell => watch.observe(cell.node));
    fitSlide();
    if (!clicked) notebook.node.focus();
    sessionStorage.setItem(location.pathname, notebook.activeCellIndex);
    const all = slides(), index = notebook.activeCellIndex;
    const now = all.findLast(cell => notebook.widgets.indexOf(cell) <= index);
    channel.postMessage({ slide: now?.model.id, number: all.indexOf(now) + 1, of: all.length });
    runToSlide();
  }

  function showCode(showing) {
    const shown = onSlide();
    document.body.classList.toggle('course-code', showing);
    for (const cell of folded) cell.inputHidden = !(showing && shown.includes(cell));
    fitSlide();
  }

  const go = direction => app.commands.execute('deck:go', { direction });
  const to = cell => { notebook.activeCellIndex = notebook.widgets.indexOf(cell); };
  const actions = {
    next: () => go('forward'),
    back: () => go('back'),
    first: () => to(slides()[0]),
    last: () => to(slides().at(-1)),
    black: () => document.body.classList.toggle('course-black'),
    code: () => showCode(!document.body.classList.contains('course-code')),
    run: () => { showCode(false); CodeCell.execute(notebook.activeCell, session); },
    notes: () => open(NOTES, 'course-notes', 'width=1100,height=800'),
    leave: () => notebook.node.focus(),
    stop: () => app.commands.execute('deck:stop'),
  };
  const start = () => app.commands.execute('deck:start').then(turned);

  document.addEventListener('keydown', event => {
    const name = asked(event);
    const act = name === 'start' ? start : presenting() && actions[name];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }, true);
  channel.onmessage = ({ data }) => {
    if (data.show) to(notebook.widgets.find(cell => cell.model.id === data.show));
    else if (data.hello) turned();
    else actions[data.go]?.();
  };
  addEventListener('resize', fitSlide);
  notebook.activeCellChanged.connect(() => setTimeout(turned));
  session.statusChanged.connect((_, status) => { if (status === 'restarting') ran = 0; });

  notebook.activeCellIndex = Number(sessionStorage.getItem(location.pathname) ?? 0);
  await start();
}

// Return a module of JupyterLab's own.
async function newest(name) {
  return (await Object.values(shared[name])[0].get())();
}

// Return the notebook in front, once all of it is there.
async function opened(app) {
  for (;;) {
    const panel = app.shell.currentWidget;
    if (panel?.sessionContext && panel.content?.widgets) {
      await panel.revealed;
      await Promise.all(panel.content.widgets.map(cell => cell.ready));
      return panel;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

const plugin = { id: 'course-present:plugin', autoStart: true, activate: app => { present(app); } };
(window._JUPYTERLAB ??= {})['course-present'] = {
  init: scope => { shared = scope; },
  get: async () => () => ({ __esModule: true, default: plugin }),
};
