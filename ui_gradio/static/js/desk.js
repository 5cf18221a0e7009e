/* 'opened' */
const st = window.st, el = st.el, q = s => element.querySelector(s), KEY = 'studio-desk';
let desk = { voices: [], bed: '', project: '', version: 0 }, known = {};
try { desk = { ...desk, ...JSON.parse(localStorage.getItem(KEY)) }; } catch (e) { /* start empty */ }
const PLAY = q('template').innerHTML;
const keep = () => { localStorage.setItem(KEY, JSON.stringify(desk)); st.tell('st:desk', { empty: !desk.voices.length && !desk.bed }); };
const slot = (id, n) => {
  const a = known[id]; if (!a) return '';
  const play = el('button', { type: 'button', class: 'play small', 'data-play': a.url, 'data-id': a.id, 'data-title': a.name, 'data-sub': a.meta, 'data-d': a.d, 'data-len': a.seconds, 'aria-label': 'Play ' + a.name });
  play.innerHTML = PLAY;
  const voice = n !== undefined;
  return el('div', { class: 'slot' }, play, el('div', { class: 'st1' }, el('b', {}, a.name), el('small', {}, [a.dur, a.licence].join(' · ')), a.warning ? el('em', { class: 'pill warn' }, a.warning) : ''),
    voice && n > 0 ? el('button', { type: 'button', class: 'tb sq', 'aria-label': 'Move ' + a.name + ' earlier', onclick: () => { desk.voices.splice(n - 1, 0, desk.voices.splice(n, 1)[0]); paint(); } }, '↑') : '',
    el('button', { type: 'button', class: 'tb sq', 'aria-label': 'Remove ' + a.name, onclick: () => { voice ? desk.voices.splice(n, 1) : desk.bed = ''; paint(); } }, '×'));
};
const fill = (select, rows, first) => select.replaceChildren(el('option', { value: '' }, first), ...rows.map(r => el('option', { value: r.id }, r.name + ' · ' + r.dur)));
const paint = () => {
  q('.slots.voices').replaceChildren(...desk.voices.map((id, n) => slot(id, n)).filter(Boolean));
  q('.slots.bed').replaceChildren(slot(desk.bed) || '');
  if (!desk.voices.length) q('.slots.voices').append(el('p', { class: 'none' }, 'No voice yet.'));
  if (!desk.bed) q('.slots.bed').append(el('p', { class: 'none' }, 'No music yet.'));
  keep(); mark();
};
const refresh = async () => {
  const a = await st.ask(server, 'parts', { ids: [...desk.voices, desk.bed].filter(Boolean) }, true); if (!a) return;
  known = a.kept; [...a.voices, ...a.beds].forEach(r => { known[r.id] = r; });
  desk.voices = desk.voices.filter(id => known[id]); if (!known[desk.bed]) desk.bed = '';
  if (!desk.voices.length && !desk.bed && !localStorage.getItem(KEY + '-touched') && a.voices[0] && a.beds[0]) { desk.voices = [a.voices[0].id]; desk.bed = a.beds[0].id; }
  fill(q('.pickv'), a.voices, 'Add a voice…'); fill(q('.pickm'), a.beds, desk.bed ? 'Change the music…' : 'Choose the music…');
  paint(); history();
};
const history = async () => {
  const a = await st.ask(server, 'projects', { id: desk.project }, true); if (!a) return;
  const rows = a.projects.flatMap(p => {
    const here = p.id === desk.project;
    const line = el('li', { class: here ? 'here' : '' }, el('span', {}, p.name), el('small', {}, 'v' + p.version + ' · ' + p.age),
      el('button', { type: 'button', class: 'tb', onclick: () => open(p.id, p.version) }, 'Open'));
    return [line, ...(here ? a.versions.slice(1).map(v => el('li', { class: 'older' }, el('span', {}, 'Version ' + v.version + (v.message ? ': ' + v.message : '')), el('small', {}, v.age), el('button', { type: 'button', class: 'tb', 'aria-label': 'Open version ' + v.version, onclick: () => open(p.id, v.version) }, 'Open'))) : [])];
  });
  q('.plist').replaceChildren(rows.length ? el('ul', { class: 'plain' }, ...rows) : el('p', { class: 'none' }, 'Every render is a version here; nothing is overwritten.'));
};
const open = async (id, version) => {
  const a = await st.ask(server, 'reopen', { id, version }); if (!a) return;
  desk = { voices: a.voices, bed: a.bed, project: a.id, version: a.version };
  trigger('opened', a.settings); refresh(); st.toast('ok', 'Version ' + version + ' is on the desk', a.name);
};
const touch = () => localStorage.setItem(KEY + '-touched', '1');
q('.pickv').onchange = e => { touch(); if (e.target.value) desk.voices.push(e.target.value); paint(); e.target.value = ''; };
q('.pickm').onchange = e => { touch(); if (e.target.value) desk.bed = e.target.value; paint(); e.target.value = ''; };
const mark = st.wire(element, null);
st.hear('st:add', async d => {
  touch();
  await refresh();
  let a = known[d.id];
  if (!a) { const r = await st.ask(server, 'parts', { ids: [d.id] }); a = r && r.kept[d.id]; if (a) known[d.id] = a; }
  if (!a || !a.mixable) { st.toast('error', 'This cannot be mixed.', 'Choose a voice, music or sound.'); return; }
  if (a.k === 'music' || a.k === 'stem' || a.k === 'mix') desk.bed = a.id; else if (!desk.voices.includes(a.id)) desk.voices.push(a.id);
  paint(); st.toast('ok', 'On the mixing desk', a.name);
});
st.hear('st:changed', refresh);
st.hear('st:mixed', d => { desk.project = d.project; desk.version = d.version; keep(); history(); });
refresh();
