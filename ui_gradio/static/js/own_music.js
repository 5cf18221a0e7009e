const AT_ONCE = 40, OWN = '/music-licensing/own';
const MOST = 1000; // of one answer; the filter narrows what is beyond
let tracks = [], total = 0, shown = AT_ONCE, turn = 0, chosen = [], request = null;
const opened = new Set(), form = q('.om-f');
const STATE = { confirmed: ['good', 'licensed'], proposed: ['warn', 'to confirm'], 'no paper': ['', 'no paper'] };
const isPaper = f => (props.endings || []).some(e => f.name.toLowerCase().endsWith(e));
const shows = () => st.view() === 'licensing' && st.licensing === 'own';
const button = (words, fn, more = {}) => el('button', { type: 'button', class: 'tb', onclick: fn, ...more }, words);

/* Files chosen or dropped; the same name and size once. */
const drawChosen = () => {
  q('.om-chosen').replaceChildren(...chosen.map((f, n) => el('li', {}, el('b', {}, f.name), el('small', {}, (isPaper(f) ? 'paper' : 'sound') + ' · ' + (f.size < 1e6 ? Math.ceil(f.size / 1e3) + ' kB' : (f.size / 1e6).toFixed(1) + ' MB')), button('×', () => { chosen.splice(n, 1); drawChosen(); }, { class: 'tb sq', 'aria-label': 'Leave out ' + f.name }))));
  form.querySelector('[type=submit]').disabled = !chosen.length || !!request; q('[data-act=drop]').hidden = !chosen.length;
};
const pick = files => { for (const f of files) if (!chosen.some(c => c.name === f.name && c.size === f.size)) chosen.push(f); drawChosen(); };
form.elements.files.addEventListener('change', () => { pick(form.elements.files.files); form.elements.files.value = ''; });
['dragover', 'dragleave', 'drop'].forEach(n => q('.drop').addEventListener(n, e => { e.preventDefault(); q('.drop').classList.toggle('over', n === 'dragover'); if (n === 'drop') pick(e.dataTransfer.files); }));
/* What became of an import: what is proposed stands in the list, each failure is said once, here. */
const told = a => {
  const lines = [...a.failed.map(f => el('li', { class: 'bad' }, el('b', {}, f.file), ': ' + f.message + ' ' + f.hint)), ...a.unmatched.map(u => el('li', {}, el('b', {}, u), ': no sound was found for it. The paper is kept in the library; bring it in again with its sound.'))];
  const n = a.proposals.length, room = q('.om-said'); room.hidden = false;
  room.replaceChildren(el('b', {}, n === 1 ? '1 piece is here.' : n ? n + ' pieces are here.' : 'No sound was taken.'), el('ul', {}, ...lines));
  for (const p of a.proposals) if (p.state !== 'confirmed' && n <= 3) opened.add(p.id);
};
const send = (files, assetId) => new Promise(done => {
  const data = new FormData(), bar = q('.om-in .pg');
  for (const f of files) data.append(isPaper(f) || assetId ? 'paper' : 'file', f);
  if (assetId) data.append('assetId', assetId);
  request = new XMLHttpRequest(); bar.hidden = false; drawChosen();
  request.upload.onprogress = e => { bar.firstElementChild.style.transform = 'scaleX(' + (e.total ? e.loaded / e.total : 0) + ')'; };
  request.onloadend = () => {
    let a = {}; try { a = JSON.parse(request.responseText); } catch (e) { /* said below */ }
    const ok = request.status === 201; request = null; bar.hidden = true;
    if (!ok) st.toast('error', a.detail || 'The upload broke off.', a.hint || 'Your choice is kept: try again.');
    else { told(a); st.tell('st:changed'); }
    drawChosen(); done(ok);
  };
  request.open('POST', '/api' + OWN); request.send(data);
});
form.addEventListener('submit', async e => { e.preventDefault(); if (request || !chosen.length) return; if (await send(chosen)) { chosen = []; drawChosen(); refresh(); } });
let paperOf = '';
q('.om-paper').addEventListener('change', async () => { const files = [...q('.om-paper').files]; q('.om-paper').value = ''; if (files.length && paperOf && !request) { opened.add(paperOf); await send(files, paperOf); refresh(); } });

const confirm = async (t, p, values) => {
  const a = await st.rest('POST', OWN + '/' + t.id + '/confirm', { fields: values, ...(p ? { paper: p.assetId, ...(p.row === null ? {} : { row: p.row }) } : {}) });
  if (!a) { refresh(); return; }
  st.toast('ok', 'The licence is entered', a.title || t.title); st.tell('st:licences'); refresh();
};
const paperHead = p => el('div', { class: 'om-ph' }, p.assetId ? el('a', { href: '/media/' + p.assetId, target: '_blank', rel: 'noopener' }, p.name + (p.row === null ? '' : ', row ' + p.row)) : el('b', {}, 'Entered by hand'), el('span', { class: 'pill ' + (p.state === 'confirmed' ? 'good' : 'warn') }, p.state === 'confirmed' ? 'confirmed' : 'to confirm'), p.licenceId ? button('See its licence', () => st.licensingView('licences')) : '');
const body = t => el('div', { class: 'om-body' }, ...(t.papers.length ? t.papers.map(p => el('section', {}, paperHead(p), p.state === 'confirmed' ? '' : paperForm(t, p, v => confirm(t, p, v)))) : [el('p', { class: 'said' }, 'No paper came with it. Add its paper, or enter by hand what your licence says.'), paperForm(t, null, v => confirm(t, null, v))]));
const sig = t => [t.id, ...t.papers.map(p => p.assetId + p.row + p.state)].join(' ');
const item = t => {
  const [kind, words] = STATE[t.state] || ['', t.state], play = el('button', { type: 'button', class: 'play small', 'aria-label': 'Play ' + t.title, 'data-play': '/media/' + t.id, 'data-id': t.id, 'data-title': t.title, 'data-sub': t.artist || 'Your music' });
  play.innerHTML = q('.playing').innerHTML;
  const open = opened.has(t.id), left = t.state === 'confirmed' ? '' : t.missing.length ? 'not said yet: ' + t.missing.map(n => FIELDS[n] ? FIELDS[n][0].toLowerCase() : n).join(', ') : 'everything was read: look it over and confirm it';
  const toggle = button(open ? 'Close' : t.state === 'confirmed' ? 'Its papers' : 'Look and confirm', () => { opened.has(t.id) ? opened.delete(t.id) : opened.add(t.id); r.replaceWith(item(t)); mark(); }, { 'aria-expanded': open ? 'true' : 'false', 'aria-label': (open ? 'Close ' : t.state === 'confirmed' ? 'Papers of ' : 'Look over ') + t.title });
  const r = el('article', { class: 'om-t', role: 'listitem', 'data-own': t.id, 'data-state': t.state, 'data-sig': sig(t) }, el('div', { class: 'om-head' }, play, el('div', { class: 'ti' }, el('b', { title: t.title }, t.title), el('small', {}, t.artist || 'artist not stated')), el('span', { class: 'om-left' }, el('span', { class: 'pill ' + kind }, words), el('small', {}, left)),
    el('div', { class: 'acts' }, button('Add its paper', () => { paperOf = t.id; q('.om-paper').click(); }, { 'aria-label': 'Add a paper of ' + t.title }), toggle)), open ? body(t) : '');
  return r;
};
const draw = () => {
  // A form that somebody began to fill in stays as it is: what came meanwhile is put around it.
  const begun = new Map([...element.querySelectorAll('.om-t:has(.om-form[data-begun])')].map(r => [r.dataset.sig, r]));
  q('.om-list').replaceChildren(...tracks.map(t => begun.get(sig(t)) || item(t)));
  q('[data-act=more]').hidden = total <= tracks.length || tracks.length >= MOST;
  q('.om-count').textContent = total > tracks.length ? 'the newest ' + tracks.length + ' of ' + total.toLocaleString() : '';
  const none = element.querySelector('.none'); none.hidden = tracks.length > 0;
  none.textContent = q('[name=state]').value ? 'None of your files is like that.' : 'Nothing of yours is here yet. Bring a sound and its paper in.';
  mark();
};
const folder = a => {
  const room = q('.om-folder');
  if (!a) return;
  projects = a.projects;
  if (!a.watching) room.textContent = 'A folder can be watched too: set STUDIO_WATCH_DIR, and what is put into “Licensed music” in it is proposed here.';
  else if (a.there) room.replaceChildren('Watched: what is put into ', el('code', {}, a.folder), ' is proposed here by itself.');
  else room.replaceChildren('A folder can be watched: ', el('code', {}, a.folder), ' ', button('Make this folder', async () => folder(await st.ask(server, 'own_about', { make: true }))));
};
const refresh = async quiet => {
  if (!shows()) return;
  const mine = ++turn, [a, about] = await Promise.all([st.rest('GET', OWN + '?' + new URLSearchParams({ state: q('[name=state]').value, limit: shown })), st.ask(server, 'own_about', {}, quiet === true)]);
  if (!a || mine !== turn) return;
  folder(about);
  const before = JSON.stringify(tracks); tracks = a.tracks; total = a.total;
  if (quiet !== true || JSON.stringify(tracks) !== before) draw();
};
const mark = st.wire(element, act => {
  if (act === 'drop') { chosen = []; drawChosen(); }
  if (act === 'more') { shown = Math.min(MOST, shown + AT_ONCE); refresh(); }
});
q('[name=state]').addEventListener('change', () => { shown = AT_ONCE; refresh(); });
/* What the watched folder proposes comes by itself. */
setInterval(() => { if (!document.hidden && shows()) refresh(true); }, 10000);
st.hear('st:licensing', refresh); st.hear('st:view', refresh);
