const AT_ONCE = 100, LIBRARY = 'library', root = '/music-licensing/';
let lists = [], open = null, rows = [], turn = 0, asked = 0;
let wanted = { id: '', offset: 0 }; // what was asked for last; `open` is what came
const ticked = new Set();
const catalogue = name => (props.titles || {})[name] || name;
const count = n => n === 1 ? '1 track' : n.toLocaleString() + ' tracks';
const shows = () => st.view() === 'licensing' && st.licensing === 'playlists';
const button = (words, fn, more = {}) => el('button', { type: 'button', class: 'tb', onclick: fn, ...more }, words);
const FAVOURITES = { id: '', name: 'Favourites', favourites: true };
const WHO = { private: 'you alone', team: 'a team', public: 'everybody' };

/* The list of lists. */
const drawLists = () => q('.pv-lists').replaceChildren(...[FAVOURITES, ...lists].map(p => el('li', {}, el('button', { type: 'button', class: 'pv-l', 'aria-current': open && open.id === p.id ? 'true' : 'false', onclick: () => show(p.id, 0) },
  el('b', {}, p.name), el('small', {}, p.favourites ? 'Yours alone' : [p.smart ? 'smart' : count(p.count), p.mine ? WHO[p.visibility] === 'you alone' ? '' : 'for ' + WHO[p.visibility] : 'by ' + p.owner].filter(Boolean).join(' · '))))));
const refresh = async () => {
  if (!shows()) return;
  const now = ++asked, a = await st.rest('GET', root + 'playlists?' + new URLSearchParams({ limit: 1000, scope: q('[name=scope]').value, search: q('[name=find]').value.trim() }));
  if (!a || now !== asked) return;
  lists = a.playlists; drawLists();
  await show(wanted.id, wanted.offset);
};

/* What is in one: a stretch at a time. */
const show = async (id, offset) => {
  const now = ++turn, favourites = id === ''; wanted = { id, offset };
  const a = await st.rest('GET', favourites ? root + 'favorites?' + new URLSearchParams({ limit: AT_ONCE, offset, search: q('[name=fsearch]').value.trim(), tag: q('[name=ftag]').value.trim() }) : root + 'playlists/' + id + '?limit=' + AT_ONCE + '&offset=' + offset);
  if (now !== turn) return;
  if (!a) return id ? show('', 0) : undefined;
  if (offset && offset >= a.total) return show(id, Math.max(0, Math.floor((a.total - 1) / AT_ONCE) * AT_ONCE));
  if (!open || open.id !== id) ticked.clear();
  open = favourites ? { ...FAVOURITES, total: a.total, offset } : { ...a, offset };
  rows = favourites ? a.favorites : a.tracks;
  for (const k of [...ticked]) if (!rows.some(e => keyOf(e) === k)) ticked.delete(k);
  draw();
};
const keyOf = e => e.track.provider + ':' + e.track.id;
const editable = () => !open.favourites && open.mayEdit && !open.smart;
const pills = e => {
  const t = e.track, terms = t.terms || {};
  return el('span', { class: 'bd' }, e.gone ? el('em', { class: 'w' }, 'withdrawn') : '', el('em', {}, terms.title || terms.id || 'licence not stated'), terms.kind === 'unknown' ? '' : terms.commercial ? '' : el('em', { class: 'w' }, 'no commercial use'), el('em', {}, catalogue(t.provider)), ...(e.tags || []).map(x => el('em', {}, '#' + x)));
};
const row = (e, n) => {
  const t = e.track, name = t.title || t.id, heard = e.play.sound !== 'none', key = keyOf(e), at = open.offset + n;
  const play = el('button', { type: 'button', class: 'play small', disabled: !heard, 'aria-label': 'Play ' + name, title: heard ? '' : e.play.why, ...(heard ? { 'data-play': e.play.url, 'data-id': e.play.assetId, 'data-title': name, 'data-sub': t.artist || '', 'data-len': t.durationS || 0 } : {}) });
  play.innerHTML = q('.playing').innerHTML;
  const tick = el('input', { type: 'checkbox', 'aria-label': 'Select ' + name, onchange: () => { tick.checked ? ticked.add(key) : ticked.delete(key); drawBulk(); } });
  tick.checked = ticked.has(key);
  const moves = editable() ? [button('↑', () => move(e, at, -1), { class: 'tb sq', 'data-move': 'up', 'aria-label': 'Move ' + name + ' up', disabled: at === 0 }), button('↓', () => move(e, at, 1), { class: 'tb sq', 'data-move': 'down', 'aria-label': 'Move ' + name + ' down', disabled: at + 1 >= open.total })] : [];
  const r = el('article', { class: 'tr pv-tr' + (e.gone ? ' gone' : ''), role: 'listitem', 'data-ref': key, 'data-entry': e.id }, el('span', { class: 'pv-n' }, tick, open.favourites ? '' : el('span', { class: 'num', ...(editable() ? { draggable: 'true', title: 'Drag to another place' } : {}) }, String(at + 1))), play,
    el('div', { class: 'ti' }, el('b', { title: name }, name), el('small', {}, [t.artist, t.album].filter(Boolean).join(' · ') || 'artist not stated')), el('span', { class: 'dur' }, t.durationS ? st.clock(t.durationS) : ''),
    el('div', { class: 'lc-facts' }, pills(e), heard || e.gone ? '' : el('small', {}, e.play.why), e.gone ? el('small', {}, e.play.why || 'What is shown was written down when it was added.') : '', e.notes ? el('small', { class: 'pv-said' }, e.notes) : ''),
    el('div', { class: 'acts' }, ...moves, open.favourites || editable() ? button('Notes', () => openNote(e, at), { 'aria-label': 'Notes of ' + name }) : '', t.provider === LIBRARY ? '' : button('License…', () => st.tell('st:license', { track: { provider: t.provider, id: t.id } }), { 'aria-label': 'License ' + name }),
      open.favourites || editable() ? button('Remove', () => remove([e]), { 'aria-label': (open.favourites ? 'No favourite any more: ' : 'Remove ') + name }) : ''));
  if (editable()) draggable(r, e, at);
  return r;
};
const draw = () => {
  drawLists(); drawHead(); drawBulk();
  q('.pv-favs').hidden = !open.favourites;
  q('.pv-rows').replaceChildren(...rows.map(row));
  const none = element.querySelector('.pv-open>.none'); none.hidden = rows.length > 0;
  none.textContent = open.favourites ? (q('[name=fsearch]').value || q('[name=ftag]').value ? 'No favourite is like that.' : 'Nothing is a favourite yet. Press the heart of a track under Search.') : open.smart ? 'Its rules find nothing now.' : 'It is empty. Add tracks here, or under Search.';
  const pages = q('.pv-pages'); pages.hidden = open.total <= AT_ONCE;
  pages.querySelector('span').textContent = (open.offset + 1).toLocaleString() + '–' + Math.min(open.total, open.offset + AT_ONCE).toLocaleString() + ' of ' + open.total.toLocaleString();
  pages.querySelector('[data-act=earlier]').disabled = !open.offset; pages.querySelector('[data-act=later]').disabled = open.offset + AT_ONCE >= open.total;
  mark();
};
const drawHead = () => {
  const p = open, all = p.favourites ? [] : [
    button('Play through', () => playThrough(p.id, p.name), { class: 'tb ink', disabled: !p.total }),
    editable() ? button('Add many…', () => { paste.querySelector('form').reset(); paste.querySelector('.pv-bad').hidden = true; paste.showModal(); }) : '',
    p.mayEdit ? button(p.smart ? 'Rules…' : 'Rename, share…', () => p.smart ? openRules(p) : openAbout(p)) : '', p.smart && p.mayEdit ? button('Notes, share…', () => openAbout(p)) : '',
    el('details', { class: 'menu' }, el('summary', { class: 'tb', 'aria-label': 'Export ' + p.name }, 'Export'), el('div', {}, ...(props.forms || []).map(([form, words]) => el('a', { href: '/api' + root + 'playlists/' + p.id + '/export?format=' + form, download: '' }, words)))),
    p.mine ? button('Delete', e => destroy(p, e.currentTarget), { class: 'tb bad' }) : ''];
  q('.pv-head').replaceChildren(el('div', {}, el('h2', {}, p.name), el('p', {}, p.favourites ? count(p.total) + ', yours alone' : [count(p.total), p.smart ? 'filled by rules, for whoever looks' : '', p.mine ? 'for ' + WHO[p.visibility] : 'by ' + p.owner].filter(Boolean).join(' · ')), p.description ? el('p', { class: 'pv-said' }, p.description) : ''), el('div', { class: 'acts' }, ...all));
};
const drawBulk = () => {
  const bar = q('.pv-bulk'), some = rows.filter(e => ticked.has(keyOf(e)));
  bar.hidden = !some.length;
  bar.replaceChildren(el('b', {}, some.length + ' selected'), button('All on this page', () => { rows.forEach(e => ticked.add(keyOf(e))); draw(); }), button('Add to a playlist', () => st.tell('st:keep', { tracks: some.map(e => e.track) })), open.favourites || editable() ? button('Remove them', () => remove(some)) : '', button('Clear', () => { ticked.clear(); draw(); }));
};

/* Changes. */
const change = async (id, body) => {
  const a = await st.rest('PUT', root + 'playlists/' + id, body);
  return a;
};
const entryAt = async at => {
  if (at < 0) return '';
  const here = rows[at - open.offset];
  if (here) return here.id;
  const a = await st.rest('GET', root + 'playlists/' + open.id + '?limit=1&offset=' + at);
  return a && a.tracks[0] ? a.tracks[0].id : null;
};
/* To the place `to`, counted from 0 as it will stand. */
const moveTo = async (e, from, to) => {
  to = Math.max(0, Math.min(open.total - 1, to));
  if (to === from) return true;
  const after = await entryAt(to > from ? to : to - 1);
  if (after === null) return false;
  const a = await change(open.id, { move: [{ entryId: e.id, after }] });
  if (!a) { await show(open.id, open.offset); return false; }
  await show(open.id, Math.floor(to / AT_ONCE) * AT_ONCE);
  return true;
};
const move = async (e, at, by) => {
  await moveTo(e, at, at + by);
  const there = element.querySelector('[data-entry="' + CSS.escape(e.id) + '"]'), b = there && there.querySelector('[data-move=' + (by < 0 ? 'up' : 'down') + ']');
  if (b) (b.disabled ? there.querySelector('[data-move]:not(:disabled)') || b : b).focus();
};
let dragged = null;
const draggable = (r, e, at) => {
  const handle = r.querySelector('[draggable]');
  handle.addEventListener('dragstart', d => { dragged = { e, at }; d.dataTransfer.effectAllowed = 'move'; d.dataTransfer.setData('text/plain', e.id); d.dataTransfer.setDragImage(r, 20, 20); r.classList.add('moving'); });
  handle.addEventListener('dragend', () => { dragged = null; element.querySelectorAll('.moving,.before,.behind').forEach(x => x.classList.remove('moving', 'before', 'behind')); });
  const behind = d => { const b = r.getBoundingClientRect(); return d.clientY > b.top + b.height / 2; };
  r.addEventListener('dragover', d => { if (!dragged) return; d.preventDefault(); r.classList.toggle('behind', behind(d)); r.classList.toggle('before', !behind(d)); });
  r.addEventListener('dragleave', () => r.classList.remove('before', 'behind'));
  r.addEventListener('drop', d => { if (!dragged) return; d.preventDefault(); const to = at + (behind(d) ? 1 : 0), one = dragged; moveTo(one.e, one.at, to > one.at ? to - 1 : to); });
};
const remove = async some => {
  if (open.favourites) { for (const e of some) if (await st.rest('DELETE', root + 'favorites/' + e.id) === null) break; st.tell('st:unloved'); }
  else if (!await change(open.id, { remove: some.map(e => e.id) })) return;
  some.forEach(e => ticked.delete(keyOf(e))); refresh();
};
/* What cannot be taken back asks once more, in its own place. */
const destroy = async (p, b) => {
  if (!b.dataset.sure) { b.dataset.sure = '1'; b.textContent = 'Delete for good?'; return; }
  b.disabled = true;
  if (await st.rest('DELETE', root + 'playlists/' + p.id) === null) { b.disabled = false; return; }
  if (through && through.id === p.id) { through = null; throughBar(); }
  wanted = { id: '', offset: 0 }; st.toast('ok', 'Deleted', p.name); refresh();
};

/* Dialogs. */
const about = q('.pv-about'), aboutForm = about.querySelector('form'), note = q('.pv-note'), noteForm = note.querySelector('form'), paste = q('.pv-paste'), pasteForm = paste.querySelector('form');
let edited = null, noted = null;
const teamsShown = () => { q('.pv-teams').hidden = aboutForm.elements.visibility.value !== 'team'; };
const openAbout = async p => {
  edited = p; aboutForm.reset();
  about.querySelector('h2').textContent = p ? p.name : 'A new playlist';
  aboutForm.elements.name.value = p ? p.name : ''; aboutForm.elements.description.value = p ? p.description : '';
  aboutForm.elements.visibility.value = p ? p.visibility : 'private';
  const who = q('.pv-who'); who.hidden = !!p && !p.mine;
  if (!who.hidden) {
    const a = await st.ask(server, 'pl_teams', { id: p ? p.id : '' }), teams = (a && a.teams) || [];
    q('.pv-teams').replaceChildren(...(teams.length ? teams.map(t => { const i = el('input', { type: 'checkbox', name: 'team', value: t.id }); i.checked = t.on; return el('label', { class: 'check' }, i, ' ', t.name); }) : [el('small', {}, 'You are in no team. Teams are made under Team, where people sign in.')]));
  }
  teamsShown(); about.showModal();
};
aboutForm.addEventListener('change', teamsShown);
aboutForm.addEventListener('submit', async e => {
  e.preventDefault();
  const f = aboutForm.elements, body = { name: f.name.value.trim(), description: f.description.value.trim() };
  if (!q('.pv-who').hidden) { body.visibility = f.visibility.value; body.teamIds = body.visibility === 'team' ? [...aboutForm.querySelectorAll('[name=team]:checked')].map(i => i.value) : []; }
  const a = await (edited ? change(edited.id, body) : st.rest('POST', root + 'playlists', body));
  if (a) { about.close(); if (!edited) wanted = { id: a.id, offset: 0 }; refresh(); }
});
smartForm.addEventListener('submit', async e => {
  e.preventDefault();
  const body = { name: smartForm.elements.name.value.trim(), rules: rules() };
  const a = await (ruled ? change(ruled.id, body) : st.rest('POST', root + 'playlists', body));
  if (a) { smart.close(); if (!ruled) wanted = { id: a.id, offset: 0 }; refresh(); }
});
const openNote = (e, at) => {
  noted = { e, at }; note.querySelector('h2').textContent = e.track.title || e.track.id;
  noteForm.elements.notes.value = e.notes;
  note.querySelector('[data-of=favourite]').hidden = !open.favourites; note.querySelector('[data-of=entry]').hidden = open.favourites;
  noteForm.elements.tags.value = (e.tags || []).join(', '); noteForm.elements.place.value = at + 1; noteForm.elements.place.max = open.total;
  note.showModal();
};
noteForm.addEventListener('submit', async e => {
  e.preventDefault();
  const f = noteForm.elements, one = noted.e, t = one.track, place = Number(f.place.value) || noted.at + 1;
  const a = await (open.favourites ? st.rest('POST', root + 'favorites', { ...(t.provider === LIBRARY ? { assetId: t.id } : { provider: t.provider, trackId: t.id }), notes: f.notes.value, tags: f.tags.value.split(',').map(x => x.trim()).filter(Boolean) }) : change(open.id, { notes: { [one.id]: f.notes.value } }));
  if (!a) return;
  note.close();
  if (open.favourites || place === noted.at + 1) show(open.id, open.offset); else moveTo(one, noted.at, place - 1);
});
/* One a line: catalogue:id, or the id of a piece of the library. */
const named = line => {
  const plain = line.replace(/^"|"$/g, '').trim();
  if (/^asset_\S+$/.test(plain)) return { assetId: plain };
  const m = /^([\w.-]{1,40})[:,;\s]+(\S.{0,199})$/.exec(plain);
  return m ? m[1] === LIBRARY ? { assetId: m[2].trim() } : { provider: m[1], trackId: m[2].trim() } : null;
};
pasteForm.addEventListener('submit', async e => {
  e.preventDefault();
  const lines = pasteForm.elements.ids.value.split('\n').map(t => t.trim()).filter(Boolean), found = lines.map(named), wrong = lines.filter((_, n) => !found[n]), bad = paste.querySelector('.pv-bad');
  bad.hidden = !wrong.length;
  if (wrong.length) { bad.textContent = 'No track is named by: ' + wrong.slice(0, 3).join(' · ') + (wrong.length > 3 ? ' and ' + (wrong.length - 3) + ' more' : ''); return; }
  const go = pasteForm.querySelector('[type=submit]'); go.disabled = true;
  const a = await change(open.id, { add: found });
  go.disabled = false;
  if (!a) return;
  paste.close(); st.toldAdded(a); refresh();
});
element.querySelectorAll('dialog [data-close]').forEach(b => b.addEventListener('click', () => b.closest('dialog').close()));

const mark = st.wire(element, act => {
  if (act === 'new') openAbout(null);
  if (act === 'smart') openRules(null);
  if (act === 'rule') rule().querySelector('select').focus();
  if (act === 'try') tryRules();
  if (act === 'earlier') show(open.id, Math.max(0, open.offset - AT_ONCE)).then(() => q('.pv-head').scrollIntoView({ block: 'nearest' }));
  if (act === 'later') show(open.id, open.offset + AT_ONCE).then(() => q('.pv-head').scrollIntoView({ block: 'nearest' }));
});
let waiting = 0;
const soon = fn => { clearTimeout(waiting); waiting = setTimeout(fn, 250); };
q('[name=find]').addEventListener('input', () => soon(refresh)); q('[name=scope]').addEventListener('change', refresh);
for (const n of ['fsearch', 'ftag']) q('[name=' + n + ']').addEventListener('input', () => soon(() => show('', 0)));
st.hear('st:playlists', refresh); st.hear('st:hearts', refresh); st.hear('st:licensing', refresh); st.hear('st:view', refresh);
