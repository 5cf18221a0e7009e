const st = window.st, el = st.el, q = s => element.querySelector(s), KEY = 'studio-cues', KEPT = 8;
const PLAY = q('.playing').innerHTML, OPTIONS = { mood: q('.moods').innerHTML, genre: q('.genres').innerHTML, intensity: q('.levels').innerHTML };
let clip = null, cues = [], seed = null, one = false, jobs = {}, sounds = {}, turn = 0;
const FIELDS = ['start_s', 'end_s', 'scenes', 'mood', 'genre', 'intensity', 'bpm', 'bars', 'key', 'seed', 'ending', 'under_speech', 'why', 'landing'];
const bare = c => Object.fromEntries(FIELDS.map(f => [f, c[f]]));
const drafts = () => { try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch (e) { return []; } };
const keep = () => { const rest = drafts().filter(d => d.clip !== clip.id); localStorage.setItem(KEY, JSON.stringify([{ clip: clip.id, cues, seed, one }, ...rest].slice(0, KEPT))); };
const tell = () => { st.cues = { clip: clip.id, cues: cues.map(bare), seed, one }; keep(); st.tell('st:cues', st.cues); };
/* What was heard belongs to a cue as it was: a changed one has none. */
const print = c => JSON.stringify([c.start_s, c.end_s, c.mood, c.genre, c.intensity, c.bpm, c.key, c.seed, c.ending]);

const plan = async again => {
  const mine = ++turn;
  q('.said').textContent = 'Thinking about the music…';
  const a = await st.ask(server, 'plan', { clip: clip.id, seed: again ? '' : seed, one });
  if (mine !== turn) return;
  if (!a) { q('.said').textContent = 'There is no suggestion.'; return; }
  cues = a.cues; seed = a.seed; st.tell('st:seed', { seed }); paint(); tell();
};
const show = c => {
  clip = c.id ? c : null; q('.rcc').hidden = !clip; cues = []; jobs = {}; sounds = {}; turn++;
  q('.rc-list').replaceChildren(); if (!clip) return;
  const draft = drafts().find(d => d.clip === clip.id);
  if (draft && draft.cues.length) { ({ cues, seed, one } = draft); st.tell('st:seed', { seed, one }); paint(); tell(); } else { seed = null; one = false; st.tell('st:seed', { seed: null, one: false }); plan(); }
};
/* A value that cannot work stays in its field: the price line says so too, and nothing is scored with it. */
const refit = async (n, how) => {
  const c = cues[n], mine = c.turn = (c.turn || 0) + 1;
  const a = await st.ask(server, 'refit', { clip: clip.id, number: n + 1, cue: bare(c), how });
  if (cues[n] !== c || c.turn !== mine) return;
  if (a) { cues[n] = a.cue; paint(n); }
  tell();
};
const field = (c, n, name, label) => {
  const box = el('select', { class: 'inp', 'aria-label': label + ' of cue ' + (n + 1), onchange: e => { c[name] = e.target.value; refit(n); } });
  box.innerHTML = OPTIONS[name]; box.value = c[name];
  return el('label', { class: 'field' }, el('span', {}, label), box);
};
const typed = (c, n, name, label, show_) => el('label', { class: 'field num_' }, el('span', {}, label), el('input', { class: 'inp', inputmode: 'decimal', value: show_(c[name]), 'aria-label': label + ' of cue ' + (n + 1), onchange: e => {
  const v = Number(e.target.value.trim().replace(',', '.'));
  if (!e.target.value.trim() || !isFinite(v)) { st.toast('error', label + ' of cue ' + (n + 1) + ' is not a number.', 'Write digits.'); e.target.value = show_(c[name]); return; }
  const was = c[name]; c[name] = v;
  if (name !== 'bpm') neighbours(n, name, was, v);
  refit(n);
} }));
/* Cues that touched each other go on touching. */
const neighbours = (n, name, was, v) => {
  const other = name === 'end_s' ? cues[n + 1] : cues[n - 1], side = name === 'end_s' ? 'start_s' : 'end_s';
  if (other && Math.abs(other[side] - was) < 0.02) { other[side] = v; refit(n + (name === 'end_s' ? 1 : -1)); }
};
const short = v => String(Math.round(v * 1000) / 1000);
const card = (c, n) => {
  const o = c.offer, sound = sounds[n] && sounds[n].print === print(c) ? sounds[n].sound : null, busy = jobs[n];
  const play = el('button', { type: 'button', class: 'play small', hidden: !sound, 'aria-label': 'Play the music of cue ' + (n + 1) });
  play.innerHTML = PLAY; if (sound) Object.assign(play.dataset, { play: sound.url, id: sound.id, title: sound.name, sub: sound.meta, d: sound.d, len: sound.seconds, mixable: '1' });
  const inside = clip.scenes.filter(s => s.start > c.start_s + 1 && s.start < c.end_s - 1);
  const pick = el('select', { class: 'inp mini', 'aria-label': 'Split cue ' + (n + 1) + ' at a cut', hidden: !inside.length, onchange: e => split(n, Number(e.target.value)) }, el('option', { value: '' }, 'Split at…'), ...inside.map(s => el('option', { value: s.start }, 'scene ' + s.number + ', ' + s.time.split(' ')[0])));
  const differs = c.mood !== o.choices[0].mood || c.genre !== o.choices[0].genre || c.intensity !== o.choices[0].intensity;
  return el('article', { class: 'rc-cue', role: 'listitem', 'data-cue': n + 1 },
    el('div', { class: 'rc-h' }, pics(c), el('div', { class: 'ti' }, el('b', {}, 'Cue ' + (n + 1) + ': ' + c.mood + ' ' + c.genre), el('small', {}, st.clock(c.start_s) + ' to ' + st.clock(c.end_s) + ' · ' + (c.scenes.length === 1 ? 'scene ' + c.scenes[0] : 'scenes ' + c.scenes[0] + ' to ' + c.scenes[c.scenes.length - 1]) + ' · ' + c.key)),
      el('span', { class: 'acts' }, play, el('button', { type: 'button', class: 'tb', disabled: !!busy, 'aria-label': 'Generate the music of cue ' + (n + 1), onclick: e => hear([n], e.currentTarget) }, busy ? (busy.pct ? busy.pct + ' %' : 'Waiting') : sound ? 'Again' : 'Generate'))),
    el('p', { class: 'rc-why' }, o.why + '.'),
    el('p', { class: 'said' }, el('span', { class: 'pill' }, o.sure + ' % sure'), ' ', c.landing + '. ' + short(c.bars) + (c.bars === 1 ? ' bar.' : ' bars.'), c.under_speech ? ' People speak: the music steps back.' : ''),
    ...o.learned.map(t => el('p', { class: 'said' }, 'From what you kept: ' + t)),
    el('div', { class: 'rc-f' }, field(c, n, 'mood', 'Mood'), field(c, n, 'genre', 'Genre'), field(c, n, 'intensity', 'Intensity'), typed(c, n, 'bpm', 'BPM', v => String(Math.round(v * 100) / 100)), typed(c, n, 'start_s', 'Start (s)', short), typed(c, n, 'end_s', 'End (s)', short)),
    el('div', { class: 'rc-alt', role: 'group', 'aria-label': 'Alternatives for cue ' + (n + 1) }, ...o.choices.map((k, r) => el('button', { type: 'button', class: 'tb', 'aria-pressed': k.genre === c.genre && k.mood === c.mood && k.intensity === c.intensity ? 'true' : 'false', title: k.why, onclick: () => { Object.assign(c, { mood: k.mood, genre: k.genre, intensity: k.intensity, bpm: k.bpm }); refit(n, 'fit'); } }, (r + 1) + '. ' + k.mood + ' ' + k.genre + ' ', el('small', {}, Math.round(k.bpm) + ' BPM · ' + k.share + ' %')))),
    el('div', { class: 'acts rc-more' }, el('button', { type: 'button', class: 'tb', 'aria-label': 'Fit the tempo of cue ' + (n + 1) + ' to its cuts', onclick: () => refit(n, 'fit') }, 'Fit tempo to cuts'), pick,
      n + 1 < cues.length ? el('button', { type: 'button', class: 'tb', 'aria-label': 'Join cue ' + (n + 1) + ' with the next', onclick: () => join(n) }, 'Join with next') : '',
      differs ? el('button', { type: 'button', class: 'tb', 'aria-label': 'Take the suggestion for cue ' + (n + 1), onclick: () => refit(n, 'offer') }, 'Back to the suggestion') : ''));
};
const pics = c => el('span', { class: 'rc-pics', 'aria-hidden': 'true' }, ...clip.scenes.filter(s => c.scenes.includes(s.number)).slice(0, 3).map(s => el('i', { 'data-id': s.id, style: s.picture ? 'background-image:url(' + s.picture + ')' : '' })));
const paint = only => {
  const list = q('.rc-list'), focus = document.activeElement && list.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : '';
  if (only !== undefined && list.children[only] && list.children.length === cues.length) list.children[only].replaceWith(card(cues[only], only));
  else list.replaceChildren(...cues.map(card));
  q('.said').textContent = cues.length === 1 ? 'One piece under the whole clip.' : cues.length + ' pieces, each from cut to cut: one family of keys, a theme that returns for scenes of one kind.';
  if (focus) { const back = list.querySelector('[aria-label="' + CSS.escape(focus) + '"]'); if (back) back.focus(); }
  mark();
};
const split = async (n, at) => { const a = await st.ask(server, 'split', { clip: clip.id, number: n + 1, cue: bare(cues[n]), at }); if (!a) { paint(n); return; } cues.splice(n, 1, ...a.cues); jobs = {}; sounds = {}; paint(); tell(); };
const join = async n => { const a = await st.ask(server, 'join', { clip: clip.id, cues: [bare(cues[n]), bare(cues[n + 1])] }); if (!a) return; cues.splice(n, 2, a.cue); jobs = {}; sounds = {}; paint(); tell(); };

/* What costs says so first; the second press buys it, for no more than was said. */
const hear = async (numbers, button) => {
  const c = clip, usd = (button && button.dataset.usd) || '';
  const a = await st.ask(server, 'hear', { clip: c.id, cues: cues.map(bare), seed, numbers, provider: st.scoringEngine ? st.scoringEngine() : '', usd });
  if (!a || clip !== c) return;
  if (a.usd) { button.dataset.usd = a.usd; button.textContent = a.said; return; }
  delete button.dataset.usd; if (button.dataset.act === 'all') button.textContent = 'Generate all';
  for (const [n, id] of Object.entries(a.jobs)) { jobs[n] = { id, pct: 0, print: print(cues[n]) }; st.follow(id, false); }
  paint(); look(numbers.length === 1);
};
const look = async play => {
  const c = clip, waiting = Object.entries(jobs); if (!waiting.length) return;
  const a = await st.ask(server, 'heard', { jobs: Object.fromEntries(waiting.map(([n, j]) => [n, j.id])) }, true);
  if (clip !== c) return;
  if (a) for (const [n, row] of Object.entries(a.rows)) {
    if (!jobs[n]) continue;
    if (row.live) { jobs[n].pct = row.pct; const b = q('.rc-cue[data-cue="' + (Number(n) + 1) + '"] [aria-label^="Generate"]'); if (b) b.textContent = row.pct ? row.pct + ' %' : 'Waiting'; continue; }
    if (row.sound) sounds[n] = { sound: row.sound, print: jobs[n].print };
    delete jobs[n]; paint(Number(n));
    if (row.sound && play) { const b = q('.rc-cue[data-cue="' + (Number(n) + 1) + '"] .play:not([hidden])'); if (b && !b.classList.contains('on')) b.click(); }
  }
  if (Object.keys(jobs).length) setTimeout(() => look(play), 700);
};
q('.rc-kept').addEventListener('toggle', async e => {
  if (!e.target.open) return;
  const a = await st.ask(server, 'kept', {}, true); if (!a) return;
  e.target.querySelector('div').replaceChildren(a.rows.length ? el('table', { class: 'rc-table' }, el('thead', {}, el('tr', {}, ...['Kind of scene', 'Genre', 'Kept', 'Made'].map(t => el('th', { scope: 'col' }, t)))),
    el('tbody', {}, ...a.rows.map(r => el('tr', {}, ...[r.kind, r.genre, String(r.kept), String(r.made)].map(t => el('td', {}, t)))))) : el('p', { class: 'said' }, 'Nothing was made from a suggestion yet. A piece counts as kept while it is in the library, in no bin, and not rated under three stars.'));
});
const mark = st.wire(element, (act, _, b) => { if (act === 'anew') plan(true); if (act === 'all') hear(cues.map((_c, n) => n), b); });
st.hear('st:clip', show);
st.hear('st:plan', d => { if (!clip) return; seed = d.seed === '' ? null : d.seed; one = d.one; plan(); });
st.hear('st:pictures', p => element.querySelectorAll('.rc-pics i').forEach(i => { if (p[i.dataset.id]) i.style.backgroundImage = 'url(' + p[i.dataset.id] + ')'; }));
st.hear('st:scene', d => { const n = cues.findIndex(c => c.scenes.includes(d.number)); element.querySelectorAll('.rc-cue').forEach((k, i) => k.classList.toggle('here', i === n)); });
if (st.clip) show(st.clip);
