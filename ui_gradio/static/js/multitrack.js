/* The timeline: what is open, what is chosen, and one way to save. Its other files: _view draws, _drag moves, _sound
   plays, _keys and _panel. An edit goes to the server, whose answer is drawn; nothing is worked out twice. */
const st = window.st, el = st.el, q = s => element.querySelector(s), root = q('.mt'), KEY = 'studio-timeline';
const line = { open: null, chosen: '', at: 0, pps: 40, snap: true, pictures: {}, waiting: [], refused: null };
const fresh = prefix => prefix + '_' + Date.now().toString(36) + Math.random().toString(36).slice(2, 8);
const precise = s => { s = Math.max(0, s || 0); return Math.floor(s / 60) + ':' + (Math.floor(s % 60 * 10) / 10).toFixed(1).padStart(4, '0'); };
const clips = () => line.open ? line.open.tracks.flatMap(t => t.clips.map(c => ({ track: t, clip: c }))) : [];
const find = id => clips().find(each => each.clip.id === id) || null;
const assetOf = clip => line.open.assets[clip.asset] || { name: 'A sound that is gone', seconds: clip.length || 1, peaks: [], gone: true, bars: [] };
const lengthOf = clip => {
  const whole = assetOf(clip).seconds;
  if (clip.loop) return Math.max(0.1, ends() - clip.start);
  return clip.length == null ? Math.max(0.01, whole - clip.offset) : Math.min(clip.length, Math.max(0.01, whole - clip.offset));
};
/* Where the piece ends: as it was set, or with its last clip; loops go on to there. */
const ends = () => {
  if (!line.open) return 0;
  if (line.open.length) return line.open.length;
  const fixed = clips().filter(e => !e.clip.loop).map(e => e.clip.start + lengthOf(e.clip));
  if (fixed.length) return Math.max(...fixed) + (clips().length > fixed.length ? 2 : 0);
  return Math.max(0, ...clips().map(e => e.clip.start + assetOf(e.clip).seconds));
};

const show = next => {
  const other = !line.open || line.open.id !== next.id;
  line.open = next;
  if (line.chosen && !find(line.chosen)) line.chosen = '';
  if (other) { line.at = 0; line.chosen = ''; line.refused = null; line.waiting = []; stopSound(); }
  try { localStorage.setItem(KEY, next.id); } catch (e) { /* it is not remembered */ }
  root.toggleAttribute('data-empty', false);
  if (other) fit(); else draw();
  soundChanged();
  if (other) loadPictures();
};
const openLine = async (id, quiet) => {
  const a = await st.ask(server, 'timeline_open', { id }, quiet);
  if (a) { show(a); q('.mtl').hidden = true; }
  return a;
};

/* Saves go one after the other, each from the version the one before it made. */
let turn = Promise.resolve(), saving = 0;
const queued = fn => { turn = turn.then(fn, fn); return turn; };
const busy = by => { saving += by; q('.mts').textContent = said(); };
const said = () => {
  const o = line.open;
  if (!o) return 'No project is open';
  return o.name + ' · version ' + o.version + (saving > 0 ? ' · saving…' : ' · saved') + ' · ' + precise(ends());
};
const call = async (name, data) => {
  busy(1);
  let a = null;
  try { a = await server[name](data); } catch (e) { a = { error: { message: 'The studio does not answer.', hint: 'Your change is kept here: it is sent again with the next one.', code: 'away' } }; }
  busy(-1);
  return a;
};
const edit = (...edits) => queued(async () => {
  if (!line.open || line.refused) { if (line.refused) refuse(line.refused.error, [...line.refused.edits, ...edits]); return null; }
  const sent = [...line.waiting, ...edits];
  const a = await call('timeline_edit', { id: line.open.id, based_on: line.open.version, edits: sent });
  line.waiting = [];
  if (!a || !a.error) { if (a) show(a); return a; }
  if (a.error.code === 'version_conflict') refuse(a.error, sent);
  else { if (a.error.code === 'away') line.waiting = sent; st.toast('error', a.error.message, a.error.hint); draw(); }
  return null;
});
const step = which => queued(async () => {
  if (!line.open) return;
  const a = await call('timeline_step', { id: line.open.id, based_on: line.open.version, step: which });
  if (a && !a.error) show(a);
  else if (a && a.error.code === 'version_conflict') refuse(a.error, []);
  else if (a) st.toast(a.error.code === 'no_step' ? 'ok' : 'error', a.error.message, a.error.hint);
});

/* Somebody else saved first. What was wanted here is kept until it is decided what becomes of it. */
const refuse = (error, edits) => {
  line.refused = { error, edits, id: line.open.id, version: line.open.version };
  const box = q('.mtc'), count = edits.length;
  box.hidden = false;
  box.replaceChildren(
    el('div', {}, el('b', {}, 'Somebody else changed this project.'), el('p', {}, error.message + (count ? ' Your ' + (count === 1 ? 'change is' : count + ' changes are') + ' not saved yet, and not lost.' : ''))),
    el('div', { class: 'acts' },
      count ? el('button', { type: 'button', class: 'tb ink', 'data-do': 'again' }, 'Make it on the newest') : '',
      count ? el('button', { type: 'button', class: 'tb', 'data-do': 'copy' }, 'Keep mine as a copy') : '',
      el('button', { type: 'button', class: 'tb', 'data-do': 'theirs' }, count ? 'Drop mine' : 'Open the newest')));
};
const settle = how => queued(async () => {
  const kept = line.refused; if (!kept) return;
  const newest = how === 'copy' ? null : await st.ask(server, 'timeline_open', { id: kept.id });
  const a = how === 'copy' ? await st.ask(server, 'timeline_copy', { id: kept.id, based_on: kept.version, edits: kept.edits })
    : how === 'theirs' || !newest ? newest
    : await st.ask(server, 'timeline_edit', { id: kept.id, based_on: newest.version, edits: kept.edits });
  if (!a) { if (newest) { line.open = newest; draw(); refuse({ message: 'It cannot be made on the newest version as it is.' }, kept.edits); line.refused.version = kept.version; } return; }
  line.refused = null; q('.mtc').hidden = true;
  show(a);
  st.toast('ok', how === 'copy' ? 'Your version is a project of its own' : how === 'theirs' ? 'The newest version is open' : 'Saved on the newest version', a.name);
});

/* What is pressed again and again (nudging, a slider) is drawn at once and saved when it rests. */
let resting = 0, pending = new Map();
const later = (key, wish) => {
  pending.set(key, wish);
  clearTimeout(resting);
  resting = setTimeout(rest, 450);
};
const rest = () => {
  clearTimeout(resting);
  if (!pending.size) return turn;
  const all = [...pending.values()]; pending = new Map();
  return edit(...all);
};
const now = (...edits) => { const all = [...pending.values(), ...edits]; pending = new Map(); clearTimeout(resting); return edit(...all); };
window.addEventListener('pagehide', () => { rest(); });
