const st = window.st, el = st.el, q = s => element.querySelector(s), form = q('form'), list = q('.lc-list');
const PLAY = q('.playing').innerHTML, HEART = q('.heart').innerHTML;
const FACETS = { genres: ['genre', 'Genre'], moods: ['mood', 'Mood'], licences: ['license', 'Licence'], vocals: ['vocals', 'Vocals'], key: ['key', 'Key'] };
const STATE = { ok: ['good', 'answered'], cached: ['', 'kept answer'], copy: ['', 'synced copy'], stale: ['warn', 'kept, may be old'], failed: ['bad', 'did not answer'], not_ready: ['', 'not ready'] };
const extra = { key: '' };
let turn = 0, page = 1, found = [], hearts = null;
const sounds = {};
/* Tracks that are selected, by catalogue and id; over several searches, and for whatever part wants them. */
const picked = st.catalogueSelection = st.catalogueSelection || new Map();
const picks = () => {
  list.querySelectorAll('.lc-pick input').forEach(b => { b.checked = picked.has(b.closest('[data-ref]').dataset.ref); });
  q('.lc-sel').hidden = !picked.size; q('.lc-sel b').textContent = picked.size + (picked.size === 1 ? ' track selected' : ' tracks selected');
  q('[data-act=compare]').disabled = picked.size < 2 || picked.size > 6;
  q('[data-act=compare]').title = picked.size < 2 ? 'Select a second track' : picked.size > 6 ? 'At most six can be compared' : '';
};
st.hear('st:catalogue-selection', picks);
const pick = (t, on) => { if (on) picked.set(ref(t), t); else picked.delete(ref(t)); st.tell('st:catalogue-selection', { tracks: [...picked.values()] }); };
const title = name => (props.titles || {})[name] || name;
const ref = t => t.provider + ':' + t.id;
const ago = s => s < 90 ? 'just now' : s < 5400 ? Math.round(s / 60) + ' min old' : s < 172800 ? Math.round(s / 3600) + ' h old' : Math.round(s / 86400) + ' days old';
const asked = number => {
  const p = new URLSearchParams();
  for (const [name, value] of new FormData(form).entries()) if (String(value).trim()) p.append(name, String(value).trim());
  if (extra.key) p.append('key', extra.key);
  p.set('page', number);
  return p;
};

const source = s => {
  const [kind, words] = STATE[s.state] || ['', s.state];
  const said = [s.state === 'not_ready' ? '' : s.count + (s.count === 1 ? ' track' : ' tracks'), words, s.ageSeconds > 1 && s.state !== 'ok' ? ago(s.ageSeconds) : ''].filter(Boolean).join(' · ');
  return el('li', { 'data-source': s.provider, 'data-state': s.state }, el('b', {}, s.title), el('span', { class: 'pill ' + kind }, said), s.note ? el('small', {}, s.note) : '');
};
const sources = rows => {
  const silent = rows.filter(s => s.state === 'not_ready'), others = rows.filter(s => s.state !== 'not_ready');
  q('.lc-sources').replaceChildren(el('ul', {}, ...others.map(source)), silent.length ? el('details', {}, el('summary', {}, silent.length === 1 ? '1 catalogue is not set up' : silent.length + ' catalogues are not set up'), el('ul', {}, ...silent.map(source))) : '');
};
const chosen = name => name === 'key' ? extra.key : form.elements[name].value;
const facets = all => q('.lc-facets').replaceChildren(...Object.entries(FACETS).filter(([name]) => (all[name] || []).length > 1 || ((all[name] || []).length && chosen(FACETS[name][0]) && chosen(FACETS[name][0]) !== 'any')).map(([name, [to, label]]) =>
  el('div', { class: 'fs', role: 'group', 'aria-label': label }, el('small', {}, label), ...all[name].slice(0, 12).map(v => el('button', { type: 'button', 'aria-pressed': chosen(to).toLowerCase() === v.value.toLowerCase() ? 'true' : 'false', onclick: () => narrow(to, v.value) }, v.value + ' ', el('em', {}, String(v.count)))))));
const narrow = (to, value) => {
  const off = chosen(to).toLowerCase() === value.toLowerCase();
  if (to === 'key') extra.key = off ? '' : value;
  else {
    const field = form.elements[to];
    if (!off && field.tagName === 'SELECT' && ![...field.options].some(o => o.value === value)) field.append(el('option', { value }, value));
    field.value = off ? (to === 'vocals' ? 'any' : '') : value;
  }
  search();
};

const licence = t => t.license.title || t.license.id || (t.license.kind === 'unknown' ? 'licence not stated' : t.license.kind);
const price = t => t.priceUsd ? '$' + Number(t.priceUsd).toFixed(2) : t.license.kind === 'cc' || t.license.kind === 'own' ? 'free' : '';
const pills = t => el('span', { class: 'bd' }, el('em', { title: t.license.conditions.join(' ') }, licence(t)), t.license.commercial ? '' : el('em', { class: 'w' }, 'no commercial use'), t.license.derivatives ? '' : el('em', { class: 'w' }, 'only as it is'), t.license.attribution ? el('em', {}, 'credit needed') : '', price(t) ? el('em', {}, price(t)) : '', el('em', {}, title(t.provider)));
const facts = t => [t.bpm ? Math.round(t.bpm) + ' BPM' : '', t.key, t.genres.slice(0, 2).join(', '), t.moods.slice(0, 2).join(', '), t.vocals === true ? 'vocals' : t.vocals === false ? 'instrumental' : ''].filter(Boolean).join(' · ');
const dress = (b, s, name) => { Object.assign(b.dataset, { play: s.url, id: s.id, title: name, sub: 'Preview · not cleared to publish', d: s.d, len: s.seconds }); delete b.dataset.act; b.setAttribute('aria-label', 'Play the preview of ' + name); };
const row = (t, n, why = '') => {
  const name = t.title || 'Untitled', play = el('button', { type: 'button', class: 'play', 'data-act': 'preview', 'data-n': n, 'aria-label': 'Preview ' + name });
  play.innerHTML = PLAY;
  if (sounds[ref(t)]) dress(play, sounds[ref(t)], name);
  const heart = el('button', { type: 'button', class: 'vfav', 'data-act': 'heart', 'data-n': n, 'aria-pressed': hearts && hearts[ref(t)] ? 'true' : 'false', 'aria-label': 'Favourite ' + name, title: 'Favourite' });
  heart.innerHTML = HEART;
  const box = el('input', { type: 'checkbox', 'aria-label': 'Select ' + name, onchange: e => pick(t, e.target.checked) });
  box.checked = picked.has(ref(t));
  return el('article', { class: 'tr lc-tr', role: 'listitem', 'data-ref': ref(t) }, el('label', { class: 'lc-pick', title: 'Select' }, box), play,
    el('div', { class: 'ti' }, el('b', { title: name }, name), el('small', {}, [t.artist, t.album].filter(Boolean).join(' · ') || 'artist not stated')),
    el('span', { class: 'dur' }, t.duration ? st.clock(t.duration) : ''), el('div', { class: 'lc-facts' }, el('small', {}, facts(t)), pills(t), why ? el('small', {}, why) : '', t.also.length ? el('small', {}, 'Also at ' + t.also.map(a => title(a.provider)).join(', ')) : ''),
    el('div', { class: 'acts' }, heart,
      el('button', { type: 'button', class: 'tb', 'data-act': 'like', 'data-n': n, 'aria-label': 'Find more like ' + name }, 'Like this'),
      el('button', { type: 'button', class: 'tb', 'data-act': 'under', 'data-n': n, 'aria-label': 'Hear ' + name + ' under a clip' }, 'Under a clip'),
      el('button', { type: 'button', class: 'tb', 'data-act': 'playlist', 'data-n': n, 'aria-label': 'Add ' + name + ' to a playlist' }, 'Add to playlist'),
      el('button', { type: 'button', class: 'tb', 'data-act': 'license', 'data-n': n, 'aria-label': 'License ' + name }, 'License…')));
};
const loved = async () => { if (hearts) return; const f = await st.rest('GET', '/music-licensing/favorites?limit=500'); hearts = Object.fromEntries(((f && f.favorites) || []).map(x => [x.provider + ':' + x.trackId, x.id])); };
const search = async number => {
  const mine = ++turn; page = number || 1;
  q('.lc-said').textContent = 'Searching…'; list.setAttribute('aria-busy', 'true');
  await loved();
  const a = await st.rest('GET', '/music-licensing/search?' + asked(page));
  if (mine !== turn) return;
  list.removeAttribute('aria-busy');
  if (!a) { q('.lc-said').textContent = 'That search could not be made.'; return; }
  found = page === 1 ? a.tracks : found.concat(a.tracks);
  if (page === 1) list.replaceChildren();
  list.append(...a.tracks.map((t, n) => row(t, found.length - a.tracks.length + n)));
  sources(a.sources); facets(a.facets); picks();
  q('.lc-said').textContent = [found.length ? found.length + (a.total && a.total > found.length ? ' of ' + a.total.toLocaleString() : '') + (found.length === 1 ? ' track' : ' tracks') : 'Nothing was found. Take a filter away, or use fewer words.', a.hint].filter(Boolean).join(' · ');
  q('[data-act=next]').hidden = !a.more || !a.tracks.length;
  mark();
};
form.addEventListener('submit', e => { e.preventDefault(); search(); });
form.addEventListener('change', e => { if (e.target.name !== 'query' && turn) search(); });

/* The preview comes into the library as a draft, and sounds when it is there. */
const preview = async (t, b) => {
  if (b.disabled) return;
  b.disabled = true; b.classList.add('busy');
  const stop = () => { b.disabled = false; b.classList.remove('busy'); };
  const a = await st.ask(server, 'lic_preview', { provider: t.provider, id: t.id });
  if (!a) { stop(); return; }
  const look = async () => {
    const r = await st.ask(server, 'lic_heard', { job: a.job }, true);
    if (r && r.live) { setTimeout(look, 400); return; }
    stop();
    if (!r || !r.sound) { st.toast('error', (r && r.cause) || 'The preview did not come.', (r && r.remedy) || 'Try again.'); return; }
    sounds[ref(t)] = r.sound; dress(b, r.sound, t.title || 'Untitled');
    st.play({ ...st.fromButton(b) }); mark();
  };
  look();
};
const heart = async (t, b) => {
  const mine = hearts[ref(t)];
  const a = await (mine ? st.rest('DELETE', '/music-licensing/favorites/' + mine) : st.rest('POST', '/music-licensing/favorites', { provider: t.provider, trackId: t.id, title: t.title }));
  if (a === null) return;
  if (mine) delete hearts[ref(t)]; else hearts[ref(t)] = a.id;
  b.setAttribute('aria-pressed', mine ? 'false' : 'true');
  st.tell('st:hearts');
};
const suggested = (rows, said, none) => {
  found = rows.map(s => s.track); list.replaceChildren(...rows.map((s, n) => row(s.track, n, s.why)));
  q('.lc-facets').replaceChildren(); q('.lc-sources').replaceChildren(); q('[data-act=next]').hidden = true;
  q('.lc-said').replaceChildren(found.length ? said + ': ' + found.length + (found.length === 1 ? ' track · ' : ' tracks · ') : none, el('button', { type: 'button', class: 'lc-back', onclick: () => search() }, 'Back to the search'));
  mark(); q('.lc-said').scrollIntoView({ block: 'center' });
};
/* More of its kind, as its own catalogue or what is known of it says. */
const like = async t => {
  const mine = ++turn, name = t.title || 'Untitled';
  q('.lc-said').textContent = 'Looking for more like ' + name + '…'; list.setAttribute('aria-busy', 'true');
  const a = await st.rest('GET', '/music-licensing/similar/' + encodeURIComponent(t.provider) + '/' + t.id.split('/').map(encodeURIComponent).join('/') + '?limit=20');
  if (mine !== turn) return;
  list.removeAttribute('aria-busy');
  if (!a) { q('.lc-said').textContent = 'Nothing could be compared with ' + name + '.'; return; }
  suggested(a.suggestions, 'Like ' + name, 'Nothing like ' + name + ' was found. ');
};
/* Several at once: into a playlist, or compared. */
const tickAll = on => { if (on) found.forEach(t => picked.set(ref(t), t)); else picked.clear(); st.tell('st:catalogue-selection', { tracks: [...picked.values()] }); };
st.hear('st:kept', () => tickAll(false));
st.hear('st:unloved', async () => { if (!hearts) return; hearts = null; await loved(); list.querySelectorAll('[data-act=heart]').forEach(b => b.setAttribute('aria-pressed', hearts[ref(found[Number(b.dataset.n)])] ? 'true' : 'false')); });
/* What goes with a scene of a film: found by its mood, tempo and length, and heard under it. */
const forScene = async d => {
  const mine = ++turn;
  q('.lc-said').textContent = 'Looking for music for ' + d.title + '…'; list.setAttribute('aria-busy', 'true');
  const a = await st.rest('GET', '/music-licensing/scenes/' + encodeURIComponent(d.id) + '?limit=20');
  if (mine !== turn) return;
  list.removeAttribute('aria-busy');
  if (!a) { q('.lc-said').textContent = 'Nothing could be looked for.'; return; }
  suggested(a.suggestions, 'Music for ' + d.title, 'No licensed music was found for ' + d.title + '. ');
};
const sceneAsked = () => { const d = st.underScene; if (d && d.fresh) { d.fresh = false; if (st.licensingView) st.licensingView('search'); forScene(d); } };
st.hear('st:view', v => { if (v.page === 'licensing') sceneAsked(); });
const clear = () => { const words = form.elements.query.value; form.reset(); form.elements.query.value = words; extra.key = ''; };
const mark = st.wire(element, (act, data, b) => {
  const t = found[Number(data.n)];
  if (act === 'next') search(page + 1);
  if (act === 'clear') { clear(); search(); }
  if (act === 'preview') preview(t, b);
  if (act === 'heart') heart(t, b);
  if (act === 'like') like(t);
  if (act === 'under') st.tell('st:under', { tracks: [t] });
  if (act === 'compare') st.tell('st:under', { tracks: [...picked.values()] });
  if (act === 'license') st.tell('st:license', { track: t });
  if (act === 'playlist') st.tell('st:keep', { tracks: [t] });
  if (act === 'pickall') tickAll(true);
  if (act === 'unpick') tickAll(false);
  if (act === 'keepall') st.tell('st:keep', { tracks: [...picked.values()] });
});
if (matchMedia('(max-width: 760px)').matches) q('.lc-more').open = false;
picks();
if (st.view() === 'licensing') sceneAsked();
