const st = window.st, el = st.el, box = element.querySelector('dialog');
let shown = null;
const field = (label, control) => el('label', { class: 'field' }, el('span', {}, label), control);
const input = (value, props = {}) => { const i = el('input', { class: 'inp', ...props }); i.value = value || ''; return i; };
const select = (options, value, props = {}) => {
  const s = el('select', { class: 'inp', ...props }, ...Object.entries(options).map(([k, v]) => el('option', { value: k }, v)));
  s.value = value; return s;
};
const button = (text, fn, cls = '') => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn }, text);
const card = (title, ...children) => el('section', { class: 'dcard' }, el('h3', {}, title), ...children);
const pairs = list => el('dl', {}, ...list.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, v)]));
const changed = () => st.tell('st:changed');

const top = a => {
  const play = el('button', { type: 'button', class: 'play', 'data-play': a.url, 'data-id': a.id, 'data-title': a.name, 'data-sub': a.meta, 'data-d': a.d, 'data-len': a.seconds, 'data-mixable': a.mixable ? '1' : '', 'aria-label': 'Play ' + a.name });
  play.innerHTML = PLAY;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 384 40'); svg.setAttribute('preserveAspectRatio', 'none'); svg.setAttribute('class', 'wf'); svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path'); path.setAttribute('d', a.d); svg.append(path);
  return el('div', { class: 'dplay' }, ...(a.audio ? [play, svg, el('span', { class: 'dur' }, a.dur)] : []));
};
const stars = a => {
  const box = el('div', { class: 'stars', role: 'group', 'aria-label': 'Rating' });
  const paint = () => box.replaceChildren(...[1, 2, 3, 4, 5].map(n => el('button', { type: 'button', 'aria-label': n + ' of 5', 'aria-pressed': n <= a.rating, onclick: async () => {
    const rating = n === a.rating ? 0 : n; const r = await st.ask(server, 'edit', { id: a.id, rating }); if (r) { a.rating = rating; paint(); changed(); } } }, '★')),
    el('button', { type: 'button', class: 'heart', 'aria-label': 'Favourite', 'aria-pressed': a.favourite, onclick: async () => {
      const r = await st.ask(server, 'edit', { id: a.id, favourite: !a.favourite }); if (r) { a.favourite = r.favourite; paint(); changed(); } } }, '♥'));
  paint(); return box;
};
const naming = a => {
  const name = input(a.name, { maxlength: 200 }), tags = input(a.tags.join(', '), { placeholder: 'intro, episode 12' });
  const folder = input(a.folder, { list: 'studio-folders', placeholder: 'Season 2/Episode 12' });
  const list = el('datalist', { id: 'studio-folders' }, ...a.folders.map(f => el('option', { value: f })));
  const keep = async () => { const r = await st.ask(server, 'edit', { id: a.id, name: name.value, folder: folder.value, tags: tags.value }); if (r) { st.toast('ok', 'Saved', r.name); changed(); open(a.id); } };
  [name, folder, tags].forEach(i => i.addEventListener('keydown', e => { if (e.key === 'Enter') { e.preventDefault(); keep(); } }));
  return card(a.draft ? 'Keep this draft' : 'Name and place', field('Name', name), el('div', { class: 'two' }, field('Folder', folder), field('Tags', tags)), list, el('div', { class: 'drow' }, stars(a), button('Save', keep, 'ink')));
};
const taking = a => {
  const format = select(a.audio ? { '': 'As stored', ...props.formats } : { '': 'As stored' }, a.audio ? 'wav24' : '', { 'aria-label': 'Format' });
  const target = select({ '': 'As loud as it is', ...props.targets }, '', {});
  const platform = select(props.platforms, localStorage.getItem('studio-platform') || 'private', {});
  const paid = el('input', { type: 'checkbox' }); paid.checked = localStorage.getItem('studio-paid') === '1';
  const say = el('div', { class: 'verdict', role: 'status' });
  const link = el('a', { class: 'tb ink', download: '' }, 'Download with sheet'), bare = el('a', { class: 'tb', download: '' }, 'Only the file');
  let turn = 0;
  const look = async () => {
    const mine = ++turn;
    localStorage.setItem('studio-platform', platform.value); localStorage.setItem('studio-paid', paid.checked ? '1' : '0');
    const v = await st.ask(server, 'verdict', { id: a.id, platform: platform.value, commercial: paid.checked });
    if (!v || mine !== turn) return;
    say.className = 'verdict ' + (v.allowed ? 'yes' : 'no');
    say.replaceChildren(el('b', {}, v.allowed ? 'Cleared for this use' : 'Not cleared for this use'),
      ...v.reasons.map(r => el('p', {}, r)), ...(v.allowed ? [] : (v.steps.length ? v.steps : ['Declare the rights of that source, or replace it.']).map(s => el('p', {}, s))),
      ...v.credits.map(c => el('p', {}, 'Credit: ' + c)), ...v.codes.map(c => el('p', {}, 'Code for the platform: ' + c)));
    const query = new URLSearchParams({ format: format.value, platform: platform.value, commercial: paid.checked, target: format.value ? target.value : '' });
    [link, bare].forEach(l => { if (v.allowed) { l.href = '/export/' + a.id + '?' + query + (l === bare ? '&pack=false' : ''); l.removeAttribute('aria-disabled'); } else { l.removeAttribute('href'); l.setAttribute('aria-disabled', 'true'); } });
  };
  [format, target, platform, paid].forEach(c => c.addEventListener('change', look)); look();
  return card('Take it out', el('div', { class: 'two' }, field('Where', platform), field('Format', format)), ...(a.audio ? [field('Loudness', target)] : []),
    el('label', { class: 'check' }, paid, 'Commercial use'), say, el('div', { class: 'drow' }, el('small', {}, 'The sheet says who made what, at what cost, under which licence.'), el('span', { class: 'acts' }, bare, link)));
};
const rights = a => {
  const l = a.licence_facts, marks = [l.royalty_free ? 'royalty-free' : 'not royalty-free', l.commercial ? 'commercial use' : 'no commercial use', l.attribution ? 'credit needed' : 'no credit needed'];
  const body = [el('div', { class: 'bd' }, el('em', {}, l.title), ...marks.map(m => el('em', { class: /^(no |not |credit)/.test(m) && m !== 'no credit needed' ? 'w' : '' }, m))), el('p', {}, l.note || '')];
  if (l.credit) body.push(el('p', {}, 'Credit: ' + l.credit));
  if (a.uploaded) {
    const licence = select(props.licences, l.id in props.licences ? l.id : 'unknown', {}), credit = input(l.credit, { placeholder: 'Author, title' });
    body.push(el('div', { class: 'two' }, field('Licence', licence), field('Credit line', credit)), el('div', { class: 'drow' }, el('span'), button('Declare rights', async () => {
      const r = await st.ask(server, 'declare', { id: a.id, licence: licence.value, credit: credit.value }); if (r) { changed(); open(a.id); st.toast('ok', 'Rights declared'); } })));
  }
  return card('Rights', ...body);
};
/* Measuring takes a moment the first time, so it is asked for. */
const alike = a => {
  if (!a.audio || a.binned) return '';
  const rows = el('ul', { class: 'plain' }), find = button('Find music that sounds like it', async () => {
    find.disabled = true; find.textContent = 'Listening…';
    const found = await st.ask(server, 'alike', { id: a.id });
    find.disabled = false; find.textContent = 'Find music that sounds like it';
    if (!found || shown !== a) return;
    find.hidden = true;
    rows.replaceChildren(...found.rows.map(b => {
      const play = el('button', { type: 'button', class: 'play small', 'data-play': b.url, 'data-id': b.id, 'data-title': b.name, 'data-sub': b.meta, 'data-d': b.d, 'data-len': b.seconds, 'data-mixable': '1', 'aria-label': 'Play ' + b.name });
      play.innerHTML = PLAY;
      return el('li', {}, play, el('span', {}, b.name, el('small', { class: 'why' }, b.why)), button('Open', () => open(b.id)));
    }), ...(found.rows.length ? [] : [el('li', {}, el('small', {}, 'There is no other music in your library yet.'))]));
    mark();
  });
  return card('More like this', rows, el('div', { class: 'drow' }, find));
};
const parts = a => a.beside.length ? card('Made with it', el('ul', { class: 'plain' }, ...a.beside.map(b => {
  const play = b.audio ? el('button', { type: 'button', class: 'play small', 'data-play': b.url, 'data-id': b.id, 'data-title': b.name, 'data-sub': b.kind, 'data-d': b.d, 'data-len': b.seconds, 'aria-label': 'Play ' + b.name }) : el('span', { class: 'gap' });
  if (b.audio) play.innerHTML = PLAY;
  return el('li', {}, play, el('span', {}, b.label || b.kind), el('a', { class: 'tb', href: '/export/' + b.id + '?pack=false', download: '', 'aria-label': 'Download ' + b.name }, b.kind === 'MIDI' ? 'MIDI' : 'Download'));
}))) : '';
/* Where people sign in: one's own pieces can be given to one's teams. */
const sharing = a => {
  if (!props.sharing || !a.mine) return '';
  const rows = el('ul', { class: 'plain' });
  (async () => {
    const [teams, given] = await Promise.all([st.rest('GET', '/teams'), st.rest('GET', '/shares/asset/' + a.id)]);
    if (!teams || !given) return;
    const seen = new Set(given.map(t => t.id));
    const all = [...teams, ...given.filter(t => !teams.some(o => o.id === t.id))];
    rows.replaceChildren(...all.map(t => { const c = el('input', { type: 'checkbox' }); c.checked = seen.has(t.id);
      c.addEventListener('change', async () => { const r = await st.rest(c.checked ? 'PUT' : 'DELETE', '/shares/asset/' + a.id + '/' + t.id); if (r === null) c.checked = !c.checked; else st.toast('ok', c.checked ? 'Shared with ' + t.name : 'No longer shared with ' + t.name); });
      return el('li', {}, el('label', { class: 'tick' }, c, t.name)); }));
    if (!all.length) rows.replaceChildren(el('li', {}, el('small', {}, 'You are in no team yet: make or join one under Team.')));
  })();
  return card('Share with a team', rows);
};
const origin = a => a.sources.length ? card('Made from', el('ul', { class: 'plain' }, ...a.sources.map(s => el('li', {}, el('span', {}, s.name), el('small', {}, s.role + ' · ' + s.licence), button('Open', () => open(s.id)))))) : '';
const actions = a => el('div', { class: 'drow wrap' },
  ...(a.mixable && !a.binned ? [button('Add to mix', () => { st.tell('st:add', { id: a.id, title: a.name }); box.close(); })] : []),
  ...(a.remake && a.k === 'music' && !a.binned ? [button('Save as template', async () => { const name = prompt('Name of the template', a.name.slice(0, 80)); if (!name) return; const r = await st.rest('POST', '/templates', { name, asset_id: a.id }); if (r) st.toast('ok', r.name + ' is saved', 'It is under Templates, with its seed.'); })] : []),
  ...(a.remake && !a.binned ? [button('Make the same again', async () => { const r = await st.ask(server, 'remake', { id: a.id }); if (r) { st.follow(r.job); st.toast('ok', 'In the queue', a.name); } })] : []),
  ...(a.job && a.mine && a.remake && !a.binned ? [button('Schedule this', () => { st.scheduling = { job: a.job, title: a.name }; box.close(); st.show('queue'); st.tell('st:schedule', st.scheduling); })] : []),
  ...(a.binned ? [button('Restore', () => gone('restore', 'Restored')), button('Delete for good', () => { if (confirm('Delete "' + a.name + '" for good? This cannot be undone.')) gone('purge', 'Deleted for good'); }, 'bad')] : [button('Move to bin', () => gone('bin', 'In the bin'), 'bad')]));
const gone = async (how, said) => { const r = await st.ask(server, 'discard', { id: shown.id, how }); if (r) { st.toast('ok', said, shown.name); box.close(); changed(); } };

const open = async (id, at) => {
  const a = await st.ask(server, 'asset', { id }); if (!a) return;
  shown = a;
  box.replaceChildren(el('header', {}, el('div', {}, el('h2', {}, a.name), el('p', {}, [a.kind, a.dur, a.meta].filter(Boolean).join(' · '))), button('Close', () => box.close())),
    el('div', { class: 'dbody' }, top(a), actions(a), ...(a.binned ? [] : [naming(a), taking(a)]), st.polishing && a.audio ? st.polishing(a) : '', rights(a), sharing(a), parts(a), origin(a), alike(a), card('Facts', pairs(a.facts)), a.recipe.length ? card('How it was made', pairs(a.recipe)) : ''), ...box.querySelectorAll(':scope > .toasts'));  // messages it shows outlive a repaint
  if (!box.open) box.showModal();
  box.scrollTop = 0;
  const first = at === 'save' ? box.querySelector('.dcard input') : null;
  if (first) { first.focus(); first.select(); }
  mark();
};
const PLAY = '<svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor"><path class="pl" d="M8 5.5v13l11-6.5z"/><path class="pa" d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/></svg>';
const mark = st.wire(box, null);
box.addEventListener('click', e => { if (e.target === box) box.close(); });
st.hear('st:open', d => open(d.id, d.at));
st.discard = (how, ids) => st.ask(server, 'discard', { how, ids });
st.edit = data => st.ask(server, 'edit', data);
