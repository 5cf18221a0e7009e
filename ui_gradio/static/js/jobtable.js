const st = window.st, el = st.el, body = element.querySelector('tbody');
const seen = new Map();
let timer = 0, opened = '', busy = false;
const act = async (what, id) => {
  const a = await st.ask(server, 'act', { act: what, id });
  if (a && a.sound) st.play({ ...a.sound, key: a.sound.url, title: a.sound.name, sub: a.sound.meta });
  if (a) { tick(); st.soon(); }
};
const button = (text, what, id, title, cls = '') => el('button', { type: 'button', class: 'tb ' + cls, 'data-what': what, 'aria-label': (title || text), onclick: () => act(what, id) }, text);
const buttons = r => {
  const all = [];
  if (r.live) {
    if (r.state === 'waiting') { all.push(button('To front', 'front', r.id, 'Move ' + r.title + ' to the front')); all.push(r.paused ? button('Resume', 'resume', r.id, 'Resume ' + r.title) : button('Hold', 'pause', r.id, 'Hold ' + r.title + ' back')); }
    all.push(button(r.cancelling ? 'Cancelling' : 'Cancel', 'cancel', r.id, 'Cancel ' + r.title));
  } else if (r.unclear) all.push(button('It was billed', 'billed', r.id), button('It was not', 'free', r.id));
  else if (r.retry) all.push(button('Retry', 'retry', r.id, 'Retry ' + r.title));
  else if (r.k === 'scripts') all.push(el('a', { class: 'tb', href: '/api/voice/batch/' + r.id + '/file', download: '', 'aria-label': 'Download ' + r.title + ' as a ZIP' }, 'ZIP'));
  else if (r.k !== 'batch') all.push(button('Play', 'sound', r.id, 'Play ' + r.title));
  if (['batch', 'narration', 'scripts'].includes(r.k)) all.unshift(el('button', { type: 'button', class: 'tb', 'aria-expanded': opened === r.id, onclick: () => { opened = opened === r.id ? '' : r.id; tick(); } }, opened === r.id ? 'Close' : 'Parts'));
  return all;
};
const make = r => {
  const tr = el('tr', { 'data-r': r.id },
    el('td', {}, el('b', {}, r.title), el('small', { class: 'who' }), el('div', { class: 'why' })),
    el('td', {}, el('div', { class: 'pr' }, el('span', { class: 'chip' }), el('div', { class: 'pg', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-label': r.title }, el('i')), el('span', { class: 'num pc' })), el('small', { class: 'stage' })),
    el('td', { class: 'num eta' }), el('td', { class: 'num cost' }), el('td', { class: 'prio' }), el('td', { class: 'ra' }));
  return tr;
};
const paintRow = (r, child) => {
  let tr = seen.get(r.id); if (!tr) { tr = make(r); seen.set(r.id, tr); }
  const q = s => tr.querySelector(s);
  tr.dataset.s = r.state; tr.classList.toggle('child', !!child);
  q('.who').textContent = r.kind + (r.draft ? ' preview' : '') + ' · ' + r.age;
  q('.chip').textContent = r.label; q('.pg').setAttribute('aria-valuenow', r.pct); q('.pg i').style.transform = 'scaleX(' + (r.state === 'failed' || r.state === 'unknown' ? 1 : r.pct / 100) + ')';
  q('.pc').textContent = r.state === 'running' ? r.pct + ' %' : ''; q('.stage').textContent = r.stage || '';
  q('.eta').textContent = r.eta || (r.live ? '…' : '–'); q('.cost').textContent = r.cost || '–';
  q('.why').replaceChildren(...(r.cause ? [el('p', {}, r.cause), el('p', { class: 'fix' }, r.remedy)] : []));
  const key = [r.state, r.paused, r.cancelling, opened === r.id, r.priority].join();
  if (tr.dataset.key !== key) {
    tr.dataset.key = key;
    const focus = tr.contains(document.activeElement) ? document.activeElement.dataset.what || 'prio' : '';
    q('.ra').replaceChildren(el('div', { class: 'acts' }, ...buttons(r)));
    if (r.state === 'waiting' && !child) {
      const s = el('select', { class: 'inp prio', 'aria-label': 'Priority of ' + r.title, onchange: e => act(e.target.value, r.id) }, ...['urgent', 'normal', 'low'].map(p => el('option', { value: p }, p)));
      s.value = r.priority; q('td.prio').replaceChildren(s);
    } else q('td.prio').replaceChildren(el('small', {}, r.priority));
    if (focus) { const b = tr.querySelector('[data-what="' + focus + '"]') || tr.querySelector('.ra button'); if (b) b.focus(); }
  }
  return tr;
};
const paint = a => {
  const order = [];
  a.rows.forEach(r => { order.push(paintRow(r)); (r.children || []).forEach(c => order.push(paintRow(c, true))); });
  order.forEach((tr, n) => { if (body.children[n] !== tr) body.insertBefore(tr, body.children[n] || null); });
  while (body.children.length > order.length) { const last = body.lastChild; seen.delete(last.dataset.r); last.remove(); }
  element.querySelector('.none').hidden = order.length > 0; element.querySelector('.qt').hidden = !order.length;
  const line = document.querySelector('.queue-line');
  if (line) line.textContent = !a.worker ? 'No worker is running: start one with "studio worker"' : a.paused ? 'Paused: running jobs run on, no new one starts' : a.running + ' running, ' + a.waiting + ' waiting';
  const all = document.querySelector('.pause-all');
  if (all) { all.hidden = !a.may_pause; all.textContent = a.paused ? 'Resume the queue' : 'Pause the queue'; all.onclick = () => act(a.paused ? 'resume' : 'pause', ''); }
};
const tick = async () => {
  clearTimeout(timer);
  if (!element.isConnected) return;
  if (!document.hidden && st.view() === 'queue' && !busy) {
    busy = true; const a = await st.ask(server, 'rows', { open: opened }, true); busy = false;
    if (a) paint(a);
  }
  clearTimeout(timer); timer = setTimeout(tick, 1000);
};
st.hear('st:view', v => { if (v.page === 'queue') tick(); });
tick();
