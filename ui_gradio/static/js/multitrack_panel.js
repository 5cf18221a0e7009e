
/* The audio panel: what is recent, what the library has, and a generator in place. Then the way in. */
const rows = new Map();
let kind = '', asking = 0, wanted = new Map();
const listRows = a => a.rows.map(r => {
  rows.set(r.id, r);
  const play = el('button', { type: 'button', class: 'play small', 'data-play': r.url, 'data-id': r.id, 'data-title': r.name, 'data-sub': r.meta, 'data-d': r.d, 'data-len': r.seconds, 'aria-label': 'Play ' + r.name });
  play.innerHTML = q('[data-do=play]').innerHTML;
  return el('li', { class: 'mtrow', draggable: 'true', 'data-asset': r.id }, play, el('span', { class: 'mtabout' }, el('b', {}, r.name), el('small', {}, [r.kind, r.dur, r.licence].join(' · ')), r.warning ? el('em', { class: 'pill warn' }, r.warning) : ''),
    el('button', { type: 'button', class: 'tb', 'data-add': r.id, 'aria-label': 'Add ' + r.name + ' at the playhead' }, 'Add'));
});
const search = async () => {
  const mine = ++asking, box = q('.mta'), words = box.querySelector('input[type=search]');
  const a = await st.ask(server, 'find', { words: words ? words.value : '', kind }, true);
  if (!a || mine !== asking) return;
  box.querySelector('ul').replaceChildren(...(a.rows.length ? listRows(a) : [el('li', { class: 'none' }, 'Nothing matches.')]));
  mark();
};
const panelOpen = () => !q('.mta').hidden;
acts.panel = () => {
  const box = q('.mta'); box.hidden = !box.hidden;
  q('[data-do=panel]').setAttribute('aria-pressed', !box.hidden);
  const redraw = () => line.fitted ? fit() : draw();
  if (box.hidden) return redraw();
  if (!box.children.length) {
    const chip = (value, text) => el('button', { type: 'button', 'data-kind': value, 'aria-pressed': value === kind, onclick: e => { kind = value; box.querySelectorAll('[data-kind]').forEach(b => b.setAttribute('aria-pressed', b === e.target)); search(); } }, text);
    box.append(
      el('div', { class: 'hd' }, el('h2', {}, 'Audio'), el('div', { class: 'acts' }, el('span', { class: 'dur mtrec' }), el('button', { type: 'button', class: 'tb', title: 'Record a voice-over; it is laid at the playhead', onclick: record }, 'Record'),
        el('button', { type: 'button', class: 'tb', onclick: () => st.tell('st:upload', { kind: 'music' }) }, 'Upload'))),
      el('input', { class: 'inp', type: 'search', placeholder: 'Search your library', 'aria-label': 'Search your library', oninput: () => { clearTimeout(wait); wait = setTimeout(search, 200); } }),
      el('div', { class: 'fs', role: 'group', 'aria-label': 'Kind of sound' }, chip('', 'Recent'), chip('voiceover', 'Voice'), chip('music', 'Music'), chip('sound_effect', 'Effects'), chip('video', 'Films')),
      el('ul', { class: 'mtfound' }),
      el('details', { class: 'mtgen' }, el('summary', {}, 'Make something new'),
        el('select', { class: 'inp', 'aria-label': 'What to make' }, el('option', { value: 'music' }, 'Music'), el('option', { value: 'voice' }, 'Voice')),
        el('textarea', { class: 'inp', rows: 3, maxlength: 2000, placeholder: 'calm piano, 90 bpm … or the words to speak', 'aria-label': 'What it should be' }),
        el('label', { class: 'mtfield' }, el('small', {}, 'Seconds (music)'), el('input', { class: 'inp', type: 'number', min: 3, max: 600, value: 20 })),
        el('div', { class: 'acts' }, el('button', { type: 'button', class: 'tb ink', onclick: make }, 'Make and add'),
          el('button', { type: 'button', class: 'tb', onclick: () => st.show(box.querySelector('select').value) }, 'All settings'))));
  }
  redraw(); search();
};
let wait = 0;
/* Made here, and laid where the playhead stood when it was asked for. */
const make = async () => {
  const box = q('.mtgen'), what = box.querySelector('select').value;
  const a = await st.ask(server, 'timeline_make', { kind: what, words: box.querySelector('textarea').value, seconds: Number(box.querySelector('input').value) });
  if (!a) return;
  wanted.set(a.job, { at: line.at, id: line.open.id });
  st.follow(a.job, false); st.toast('ok', 'It is being made', 'It is added to the timeline when it is ready.');
};
/* Spoken here: a piece of the library, laid where the playhead stood when it began. */
const record = e => {
  const at = line.at, id = line.open.id;
  stopSound(); // or the microphone hears the music
  st.record(e.currentTarget, q('.mtrec'), async file => {
    const data = new FormData(); data.append('kind', 'voiceover'); data.append('licence', 'uploaded-own'); data.append('file', file, file.name);
    q('.mtrec').textContent = 'Saving…';
    const a = await st.send('POST', '/upload', data); q('.mtrec').textContent = '';
    if (!a) return;
    st.tell('st:changed');
    if (line.open && line.open.id === id) add({ id: a.id, k: 'voiceover' }, at); else st.toast('ok', 'In your library', a.name);
  });
};
const roleOf = k => k === 'voiceover' ? 'voice' : k === 'sound_effect' || k === 'video' ? 'effects' : 'music';
const add = (asset, at, laneId) => {
  if (!line.open) return;
  const role = roleOf(asset.k), kindOf = { type: asset.k === 'video' ? 'video' : 'audio' }, id = fresh('clip'), edits = [];
  let track = line.open.tracks.find(t => t.id === laneId) || line.open.tracks.find(t => t.role === role && (asset.k !== 'video' || t.name === 'Film'));
  if (!track) { track = { id: fresh('track') }; edits.push({ edit: 'add_track', id: track.id, name: asset.k === 'video' ? 'Film' : role[0].toUpperCase() + role.slice(1), role, ...(asset.k === 'video' ? { position: 0 } : {}) }); }
  const scenes = asset.k === 'video' && !line.open.markers.some(m => m.kind === 'scene');
  return now(...edits, { edit: 'add', track: track.id, asset_id: asset.id, start_s: six(at), id, ...kindOf }).then(async a => {
    if (!a) return;
    if (asset.k === 'video') {
      await loadPictures();
      const cuts = line.pictures[asset.id] || [];
      if (scenes && cuts.length) now(...cuts.map(s => ({ edit: 'marker', at_s: six(at + s.from), kind: 'scene', label: s.label })));
    }
    choose(id);
  });
};
root.addEventListener('click', e => { const b = e.target.closest('[data-add]'); if (b) add(rows.get(b.dataset.add), line.at); });
root.addEventListener('dragstart', e => { const li = e.target.closest && e.target.closest('.mtrow'); if (li) e.dataTransfer.setData('text/x-asset', li.dataset.asset); });
q('.mtv').addEventListener('dragover', e => { if ([...e.dataTransfer.types].includes('text/x-asset')) { e.preventDefault(); const hit = nearest(timeAt(e), targetsBut('')); guide(hit); } });
q('.mtv').addEventListener('dragleave', () => guide(null));
q('.mtv').addEventListener('drop', e => {
  const asset = rows.get(e.dataTransfer.getData('text/x-asset')); guide(null); if (!asset) return;
  e.preventDefault();
  const hit = nearest(timeAt(e), targetsBut('')), lane = e.target.closest('.mtlane');
  add(asset, hit ? hit.at : timeAt(e), lane && lane.dataset.lane);
});

/* Projects and versions, in a list under the title. */
const listed = async (name, fill) => {
  const box = q('.mtl');
  if (!box.hidden && box.dataset.what === name) { box.hidden = true; return; }
  box.dataset.what = name; box.hidden = false; box.replaceChildren(el('p', { class: 'none' }, 'Looking…'));
  const items = await fill();
  box.replaceChildren(items && items.length ? el('ul', { class: 'plain' }, ...items) : el('p', { class: 'none' }, name === 'open' ? 'No project yet. Start a new timeline, score a clip, or render a mix below: each is a project.' : 'No versions.'));
};
acts.open = () => listed('open', async () => {
  const a = await st.ask(server, 'timelines'); if (!a) return [];
  return a.projects.map(p => el('li', { class: line.open && p.id === line.open.id ? 'here' : '' }, el('span', {}, p.name), el('small', {}, 'v' + p.version + ' · ' + p.age), el('button', { type: 'button', class: 'tb', 'aria-label': 'Open ' + p.name, onclick: () => openLine(p.id) }, 'Open')));
});
acts.versions = () => listed('versions', async () => {
  const a = await st.ask(server, 'timeline_versions', { id: line.open.id }); if (!a) return [];
  return a.versions.map(v => el('li', { class: v.version === line.open.version ? 'here' : '' }, el('span', {}, 'Version ' + v.version + ': ' + v.message), el('small', {}, v.age),
    v.version === line.open.version ? '' : el('button', { type: 'button', class: 'tb', 'aria-label': 'Go back to version ' + v.version, onclick: () => queued(async () => { const b = await st.ask(server, 'timeline_restore', { id: line.open.id, based_on: line.open.version, version: v.version }); if (b) { show(b); q('.mtl').hidden = true; } }) }, 'Go back to it')));
});
acts.new = async () => { const a = await st.ask(server, 'timeline_new', { name: 'New timeline' }); if (a) { show(a); q('.mtl').hidden = true; if (!panelOpen()) acts.panel(); } };

const mark = st.wire(element, null);
st.hear('st:timeline', async d => { if (!d.id) return; if (st.show && st.view() !== 'mix') st.show('mix'); await openLine(d.id); root.scrollIntoView({ block: 'nearest' }); });
st.hear('st:changed', () => { if (panelOpen()) search(); });
st.hear('st:view', v => { if (v.page === 'mix' && line.open) { draw(); if (line.pps < .6) fit(); } else if (v.page !== 'mix' && sounds()) stopSound(); });
st.hear('st:pulse', p => {
  for (const job of p.jobs) {
    if (job.live) continue;
    if (job.id === line.listening) { line.listening = ''; if (line.open && !saving) openLine(line.open.id, true); }
    const asked = wanted.get(job.id); if (!asked) continue;
    wanted.delete(job.id);
    if (job.state === 'done' && job.sound && line.open && line.open.id === asked.id) add(job.sound, asked.at);
  }
});
/* Somebody else's save is seen when one comes back to the page, before anything is changed on the old one. */
document.addEventListener('visibilitychange', () => { if (!document.hidden && line.open && !saving && !pending.size && !line.refused) openLine(line.open.id, true); });
window.addEventListener('resize', () => { if (line.open && root.offsetParent) draw(); });
const wish = new URL(location).searchParams.get('project');
let last = ''; try { last = localStorage.getItem(KEY) || ''; } catch (e) { /* nothing was opened here before */ }
if (wish || last) setTimeout(() => openLine(wish || last, !wish), 0);
