const st = window.st, el = st.el, q = s => element.querySelector(s), body = q('tbody');
const PLAY = '<svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor"><path class="pl" d="M8 5.5v13l11-6.5z"/><path class="pa" d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/></svg>';
const STATES = { live: 'Under way', waiting: 'Waiting', running: 'Running', done: 'Done', failed: 'Failed', cancelled: 'Cancelled', unknown: 'Unclear' };
const FATES = { kept: 'Kept', draft: 'Preview', discarded: 'In the bin', deleted: 'Deleted' };
const GROUPS = [['kind', 'Kind'], ['status', 'State'], ['fate', 'Piece'], ['engine', 'Engine'], ['mood', 'Mood'], ['genre', 'Genre']];
const chosen = Object.fromEntries(GROUPS.map(([name]) => [name, new Set()]));
const word = (group, value) => ({ kind: props.kinds, status: STATES, fate: FATES }[group] || {})[value] || value.replaceAll('_', ' ');
let next = '', turn = 0, timer = 0;
const query = more => {
  const p = new URLSearchParams();
  for (const i of element.querySelectorAll('input[name],select[name]')) { const v = i.type === 'checkbox' ? (i.checked ? 'true' : '') : i.value.trim(); if (v) p.set(i.name, v); }
  for (const [name, values] of Object.entries(chosen)) values.forEach(v => p.append(name, v));
  if (more) p.set('after', more);
  return p;
};
const chips = facets => q('.hchips').replaceChildren(...GROUPS.map(([name, title]) => {
  const counts = facets[name] || {}, values = [...new Set([...chosen[name], ...Object.keys(counts)])];
  if (values.length < 2 && !chosen[name].size) return '';
  return el('div', { class: 'fs', role: 'group', 'aria-label': title }, el('small', {}, title), ...values.slice(0, 14).map(v => el('button', { type: 'button', 'aria-pressed': chosen[name].has(v), onclick: () => { chosen[name].has(v) ? chosen[name].delete(v) : chosen[name].add(v); look(); } }, word(name, v) + ' ' + (counts[v] || 0).toLocaleString('en'))));
}).filter(Boolean));
const clock = s => s === null ? '' : st.clock(Math.round(s));
const player = h => {
  const p = h.pieces.find(x => !x.deleted_at && x.duration_s !== null);
  if (!p) return el('span', { class: 'gap' });
  const item = { key: '/media/' + p.id, url: '/media/' + p.id, id: p.id, title: p.name, sub: [clock(p.duration_s), word('kind', h.kind)].join(' · ') };
  const b = el('button', { type: 'button', class: 'play small', 'aria-label': 'Play ' + p.name, 'data-key': item.key, onclick: () => st.play(item) });
  b.innerHTML = PLAY; return b;
};
const again = async (h, fresh) => { const a = await st.rest('POST', '/history/' + encodeURI(h.job_id) + '/again', { new_seed: fresh }); if (a) { st.follow(a.job_id); st.toast('ok', 'In the queue', h.title); look(); } };
const act = (text, label, h, run) => el('button', { type: 'button', class: 'tb', 'aria-label': label + ' ' + h.title, onclick: run }, text);
const row = h => {
  const state = h.status === 'done' && h.fate ? FATES[h.fate] : STATES[h.status] || h.status, stars = Math.max(0, ...h.pieces.map(p => p.rating || 0));
  const made = [h.engine, h.mood, h.genre, h.bpm ? Math.round(h.bpm) + ' BPM' : '', clock(h.seconds)].filter(Boolean).join(' · ');
  const kept = h.pieces.find(p => !p.deleted_at);
  return el('tr', { 'data-j': h.job_id, 'data-s': h.status },
    el('td', {}, player(h)),
    el('td', {}, el('b', {}, h.title), el('small', {}, [word('kind', h.kind), new Date(h.created_at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })].join(' · ')), h.prompt && !h.title.startsWith(h.prompt.slice(0, 40)) ? el('small', { class: 'hp' }, h.prompt.slice(0, 120)) : '', h.error && h.status !== 'done' ? el('div', { class: 'why' }, el('p', {}, h.error.message), el('p', { class: 'fix' }, h.error.hint)) : ''),
    el('td', {}, el('span', { class: 'pill ' + ({ kept: 'good', discarded: 'warn', deleted: 'warn' }[h.fate] || (h.status === 'failed' || h.status === 'unknown' ? 'bad' : '')) }, state), stars ? el('small', { 'aria-label': stars + ' of 5 stars' }, ' ' + '★'.repeat(stars)) : ''),
    el('td', {}, el('small', {}, made)), el('td', { class: 'num' }, '$' + Number(h.cost_usd).toFixed(Number(h.cost_usd) % 0.01 ? 4 : 2)),
    el('td', { class: 'ra' }, el('div', { class: 'acts' },
      act('Again', 'Make again:', h, () => again(h, false)), ...(h.kind === 'music' ? [act('New seed', 'Make again with a new seed:', h, () => again(h, true))] : []),
      act('Schedule', 'Schedule this:', h, () => { st.scheduling = { job: h.job_id, title: h.title }; st.tell('st:schedule', st.scheduling); }),
      ...(kept ? [act('Details', 'Details of', h, () => st.tell('st:open', { id: kept.id }))] : []))));
};
const look = async more => {
  const mine = ++turn, asked = query(more);
  const [a, f] = await Promise.all([st.rest('GET', '/history?' + asked), more ? null : st.rest('GET', '/history/facets?' + query())]);
  if (!a || mine !== turn) return;
  next = a.next;
  if (!more) body.replaceChildren();
  body.append(...a.hits.map(row));
  if (f) { chips(f.facets); q('.hcount').textContent = f.total.toLocaleString('en') + (f.total === 1 ? ' was asked for' : ' were asked for'); }
  q('.hmore').hidden = !next; q('table').hidden = !body.children.length; q('.none').hidden = body.children.length > 0;
};
q('.hmore').onclick = () => look(next);
const changed = () => { clearTimeout(timer); timer = setTimeout(() => look(), 250); };
element.addEventListener('input', changed);
st.hear('st:queue', v => { if (v.view === 'history') look(); });
st.hear('st:changed', () => { if (st.queue === 'history') changed(); });
if (st.queue === 'history') look();
