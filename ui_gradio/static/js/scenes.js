const st = window.st, el = st.el, q = s => element.querySelector(s), NS = 'http://www.w3.org/2000/svg';
let clip = null, film = null, chosen = -1, zoom = 1, made = {};
const svg = q('.rc-svg'), thumbs = q('.rc-thumbs'), head = q('.rc-head'), line = q('.rc-line'), PLAY = q('template').innerHTML;
const draw = (tag, props) => { const n = document.createElementNS(NS, tag); for (const [k, v] of Object.entries(props)) n.setAttribute(k, v); return n; };

/* A film gets an element of its own: Chromium shows no picture when the source of one is exchanged. */
const stage = (url, scored) => {
  const at = film ? film.currentTime : 0;
  if (film) film.pause();
  film = el('video', { src: url, controls: true, playsinline: true, preload: 'metadata', 'aria-label': (scored ? 'Scored film: ' : 'Film: ') + clip.name });
  if (at) film.addEventListener('loadedmetadata', () => { film.currentTime = Math.min(at, film.duration || at); }, { once: true });
  film.addEventListener('timeupdate', follow); film.addEventListener('seeked', follow);
  film.addEventListener('play', () => { if (st.state().playing) st.toggle(); });
  const mine = film;
  film.addEventListener('error', () => { if (film === mine) q('.rc-stage').replaceChildren(el('p', { class: 'none' }, clip.gone ? 'The film itself is gone; its scenes stay.' : 'This browser cannot play this film. Its scenes and what is made for it are shown all the same.')); });
  q('.rc-stage').replaceChildren(film);
  element.querySelectorAll('[data-show]').forEach(b => b.setAttribute('aria-pressed', (b.dataset.show === 'scored') === !!scored));
};
const follow = () => { if (!film || !clip) return; head.hidden = false; head.style.left = 100 * film.currentTime / clip.seconds + '%'; };
const show = c => {
  clip = c.id ? c : null; chosen = -1; made = {};
  q('.rct').hidden = !clip;
  if (!clip) { if (film) film.pause(); film = null; q('.rc-stage').replaceChildren(); return; }
  q('h2').textContent = c.name; q('.rc-t p').textContent = c.facts;
  q('.rc-warn').hidden = !c.warnings.length; q('.rc-warn').replaceChildren(...c.warnings.map(t => el('li', {}, t)));
  q('[data-show=scored]').hidden = true; q('[data-show=scored]').dataset.url = '';
  if (film) film.pause(); film = null; stage(c.url, false); head.hidden = true;
  scale(1);
  thumbs.replaceChildren(...c.scenes.map((s, n) => {
    const name = 'Scene ' + s.number + ', ' + s.kind + ', ' + s.time;
    return el('button', { type: 'button', role: 'option', 'aria-selected': 'false', tabindex: n ? '-1' : '0', 'aria-label': name, title: name, 'data-n': n, 'data-id': s.id, style: 'left:' + s.left + '%;width:' + s.width + '%' }, el('span', {}, String(s.number)));
  }));
  svg.replaceChildren(...c.curves.map(k => draw('path', { d: k.d, class: k.name, 'vector-effect': 'non-scaling-stroke' })),
    ...c.scenes.slice(1).map(s => draw('line', { x1: 10 * s.left, x2: 10 * s.left, y1: 0, y2: 100, class: s.opened, 'vector-effect': 'non-scaling-stroke' })));
  element.querySelectorAll('[data-curve]').forEach(b => { const p = svg.querySelector('.' + b.dataset.curve); if (p) p.style.display = b.getAttribute('aria-pressed') === 'true' ? '' : 'none'; });
  q('.rc-scene').replaceChildren(el('p', { class: 'said' }, 'Choose a scene to see what it is and what is suggested for it alone.'));
  lay(); paint(c.scenes.filter(s => s.picture).reduce((m, s) => ({ ...m, [s.id]: s.picture }), {}));
};
const lay = () => { const d = st.cues; if (!clip || !d || d.clip !== clip.id) { q('.rc-cues').replaceChildren(); return; } q('.rc-cues').replaceChildren(...d.cues.map((c, n) => el('span', { style: 'left:' + 100 * c.start_s / clip.seconds + '%;width:' + 100 * (c.end_s - c.start_s) / clip.seconds + '%', title: c.mood + ' ' + c.genre }, el('b', {}, (n + 1) + ' '), c.mood + ' ' + c.genre))); };
const paint = pictures => thumbs.querySelectorAll('button').forEach(b => { const p = pictures[b.dataset.id]; if (p) b.style.backgroundImage = 'url(' + p + ')'; });
/* As many marks as there is room for. */
const scale = next => {
  zoom = Math.min(16, Math.max(1, next)); line.style.setProperty('--zoom', zoom);
  q('[data-act=out]').disabled = zoom === 1; q('[data-act=in]').disabled = zoom === 16;
  const room = clip.seconds / (8 * zoom), step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find(s => s >= room) || 900, marks = [];
  for (let t = 0; t < clip.seconds - step / 4; t += step) marks.push(el('span', { style: 'left:' + 100 * t / clip.seconds + '%' }, st.clock(t)));
  q('.rc-ruler').replaceChildren(...marks);
};
const choose = async (n, focus) => {
  const all = [...thumbs.children]; if (!clip || !all[n]) return;
  chosen = n;
  all.forEach((b, k) => { b.setAttribute('aria-selected', k === n); b.tabIndex = k === n ? 0 : -1; });
  if (focus) all[n].focus();
  all[n].scrollIntoView({ block: 'nearest', inline: 'nearest' });
  const s = clip.scenes[n]; if (film && film.readyState) film.currentTime = s.start + 0.02;
  st.tell('st:scene', { number: s.number });
  const a = await st.ask(server, 'scene', { id: s.id }, true); if (!a || clip.scenes[chosen] !== s) return;
  tell(s, a);
};
const tell = (s, a) => {
  const play = el('button', { type: 'button', class: 'play small', hidden: true, 'aria-label': 'Play the music of scene ' + s.number }); play.innerHTML = PLAY;
  const make = el('button', { type: 'button', class: 'tb', onclick: () => music(s, make, play, note) }, 'Make this scene’s music'), note = el('span', { class: 'said', role: 'status' });
  const find = el('button', { type: 'button', class: 'tb', onclick: () => { st.underScene = { clip: clip.id, id: s.id, title: 'scene ' + s.number + ' of ' + clip.name, fresh: true }; st.show('licensing'); } }, 'Find licensed music');
  q('.rc-scene').replaceChildren(
    el('div', { class: 'rc-what' }, el('h3', {}, 'Scene ' + s.number + ': ' + s.kind), el('small', {}, s.time + ' · ' + s.sure + ' % sure of its kind')),
    el('p', {}, s.why), el('p', { class: 'rc-sug' }, el('b', {}, a.what), ' ', el('small', {}, a.sure + ' % sure')), el('p', { class: 'said' }, a.why + '. ' + a.landing + '.'),
    ...a.learned.map(t => el('p', { class: 'said' }, 'From what you kept: ' + t)), el('div', { class: 'acts' }, make, find, play, note));
  if (made[s.id]) heard(made[s.id], play);
};
const heard = (sound, play) => { play.hidden = false; Object.assign(play.dataset, { play: sound.url, id: sound.id, title: sound.name, sub: sound.meta, d: sound.d, len: sound.seconds, mixable: '1' }); mark(); };
const music = async (s, make, play, note) => {
  make.disabled = true; note.textContent = 'Making…';
  const a = await st.ask(server, 'scene_music', { id: s.id, provider: st.scoringEngine ? st.scoringEngine() : '', usd: make.dataset.usd || '' });
  if (a && a.usd) { make.disabled = false; make.dataset.usd = a.usd; make.textContent = a.said; note.textContent = 'Press again to buy it.'; return; }
  delete make.dataset.usd; make.textContent = 'Make this scene’s music';
  if (!a) { make.disabled = false; note.textContent = ''; return; }
  st.follow(a.job, false);
  const off = setInterval(async () => {
    const row = await st.ask(server, 'made', { job: a.job }, true); if (!row || row.live) return;
    clearInterval(off); make.disabled = false; note.textContent = row.cause;
    if (row.sound) { made[s.id] = row.sound; heard(row.sound, play); play.click(); }
  }, 700);
};
thumbs.addEventListener('click', e => { const b = e.target.closest('[data-n]'); if (b) choose(Number(b.dataset.n)); });
thumbs.addEventListener('keydown', e => {
  const b = e.target.closest('[data-n]'); if (!b) return;
  const n = Number(b.dataset.n), to = { ArrowRight: n + 1, ArrowDown: n + 1, ArrowLeft: n - 1, ArrowUp: n - 1, Home: 0, End: thumbs.children.length - 1 }[e.key];
  if (to !== undefined) { e.preventDefault(); choose(Math.min(thumbs.children.length - 1, Math.max(0, to)), true); }
});
svg.addEventListener('click', e => { const r = svg.getBoundingClientRect(); if (film && clip) { film.currentTime = clip.seconds * Math.min(1, Math.max(0, (e.clientX - r.left) / r.width)); follow(); } });
element.addEventListener('click', e => {
  const curve = e.target.closest('[data-curve]'), side = e.target.closest('[data-show]'), act = e.target.closest('[data-act]');
  if (curve) { const on = curve.getAttribute('aria-pressed') !== 'true'; curve.setAttribute('aria-pressed', on); const p = svg.querySelector('.' + curve.dataset.curve); if (p) p.style.display = on ? '' : 'none'; }
  if (side && side.getAttribute('aria-pressed') !== 'true') stage(side.dataset.show === 'scored' ? side.dataset.url : clip.url, side.dataset.show === 'scored');
  if (act && (act.dataset.act === 'in' || act.dataset.act === 'out')) scale(act.dataset.act === 'in' ? zoom * 2 : zoom / 2);
});
const mark = st.wire(element, null);
st.hear('st:clip', show); st.hear('st:pictures', paint);
st.hear('st:cues', lay);
st.hear('st:stage', d => { if (!clip || d.clip !== clip.id) return; const b = q('[data-show=scored]'); b.hidden = false; b.dataset.url = d.url; if (d.show) { stage(d.url, true); element.scrollIntoView({ block: 'nearest' }); } });
st.hear('st:sound', s => { if (s.playing && film && !film.paused) film.pause(); });
st.hear('st:view', v => { if (v.page !== 'recommend' && film && !film.paused) film.pause(); });
if (st.clip) show(st.clip);
