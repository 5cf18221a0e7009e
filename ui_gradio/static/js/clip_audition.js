const st = window.st, el = st.el, box = element.querySelector('dialog'), q = s => box.querySelector(s), form = q('.cu-f').elements;
const video = q('video'), range = q('.cu-bar input'), said = q('.cu-stage > .said'), LAST = 'studio-clip';
let tracks = [], turn = 0, start = 0, seconds = 0, key = '', trial = null, letter = '', sounds = {}, made = null;
const name = t => [t.title || 'Untitled', t.artist].filter(Boolean).join(', ');
const ours = s => s.item && key && s.item.key === key;
const quiet = () => { const s = st.state(); if (ours(s) && s.playing) st.toggle(); };
const wrong = (title, hint) => { q('.cu-wait').hidden = true; q('.cu-bad').hidden = !title; q('.cu-bad b').textContent = title || ''; q('.cu-bad p').textContent = hint || ''; };
const wait = (words, pct) => { wrong(''); q('.cu-wait').hidden = false; q('.cu-wait .said').textContent = words; q('.cu-wait .pg').setAttribute('aria-valuenow', pct); q('.cu-wait i').style.transform = 'scaleX(' + pct / 100 + ')'; };
const head = (title, text) => { q('h2').textContent = title; q('.hd p').textContent = text; };

/* One transport: the studio's player sounds, and the picture follows it. */
const stage = (film, from, length) => {
  q('.cu-wait').hidden = true; q('.cu-stage').hidden = false;
  start = from; seconds = length; range.max = length; range.value = 0;
  q('.cu-film').hidden = !film; q('.cu-film p').hidden = true; video.hidden = false;
  if (film && video.dataset.url !== film) { video.dataset.url = film; video.src = film; }
  if (film) video.currentTime = start;
  follow();
};
video.addEventListener('error', () => { if (video.getAttribute('src')) { video.hidden = true; q('.cu-film p').hidden = false; } });
let following = false;
const follow = () => { if (!following) { following = true; requestAnimationFrame(step); } };
const step = () => {
  if (!box.open || q('.cu-stage').hidden) { following = false; video.pause(); return; }
  const s = st.state(), on = ours(s) && s.playing && !s.loading, at = ours(s) ? s.time : 0;
  if (on && video.paused && !video.hidden) video.play().catch(() => {});
  if (!on && !video.paused) video.pause();
  const off = Math.abs(video.currentTime - start - at);
  if (!video.seeking && video.readyState && off > (on ? 0.15 : 0.04)) video.currentTime = start + at;
  if (document.activeElement !== range || on) range.value = at;
  range.setAttribute('aria-valuetext', st.clock(at) + ' of ' + st.clock(seconds));
  q('.cu-bar .dur').textContent = st.clock(at) + ' / ' + st.clock(seconds);
  const b = q('[data-act=toggle]'); b.classList.toggle('on', !!on); b.setAttribute('aria-pressed', !!on); b.setAttribute('aria-label', on ? 'Pause' : 'Play');
  requestAnimationFrame(step);
};
range.addEventListener('input', () => { const s = st.state(); if (ours(s)) st.seek(Number(range.value)); });

/* One track. */
const hear = async () => {
  const mine = ++turn; quiet(); q('.cu-stage').hidden = true; wait('Fetching the preview', 0);
  const a = await st.ask(server, 'cu_hear', { tracks, ...under() });
  if (mine !== turn) return;
  if (!a) { wrong(''); return; }
  const look = async () => {
    const r = await st.ask(server, 'cu_heard', { job: a.job }, true);
    if (mine !== turn || !box.open) return;
    if (!r || r.live) { if (r) wait(r.stage || 'Waiting', r.pct); setTimeout(look, 400); return; }
    if (!r.sound) { wrong(r.cause || 'It could not be made.', r.remedy || 'Try again.'); return; }
    made = r.sound; key = 'under:' + a.job; sounds = {}; letter = '';
    ready('', r);
    stage(r.film, r.start, r.seconds); play();
  };
  look();
};
const ready = (mode, r) => {
  trial = mode ? trial : null;
  q('.cu-abc').hidden = !mode; q('.cu-pick').hidden = true; q('.cu-told').hidden = true;
  said.textContent = mode ? '' : (r.preview ? 'A draft with the catalogue’s preview: it cannot be published.' : 'A draft.') + (r.speaks ? ' The music steps back where somebody speaks.' : '');
};
const play = () => {
  const s = st.state();
  if (ours(s)) { st.toggle(); return; }
  if (made) st.play({ key, url: made.url, id: made.id, title: q('h2').textContent, sub: 'Under a clip · draft', d: made.d, seconds });
};

/* Several, by letters. Each is fetched once, so that going from one to another loses no time and no place. */
const base = () => '/ai-music/trials/' + trial.id;
const compare = async () => {
  const mine = ++turn; quiet(); q('.cu-stage').hidden = true; wait('Fetching the previews', 0);
  const a = await st.ask(server, 'cu_compare', { tracks, ...under() });
  if (mine !== turn) return;
  if (a) { await reveal(a.id); past(); } else wrong('');
};
const reveal = async id => {
  const mine = ++turn;
  quiet(); key = ''; letter = ''; Object.values(sounds).forEach(URL.revokeObjectURL); sounds = {}; q('.cu-stage').hidden = true;
  const look = async () => {
    const c = await st.rest('GET', '/music-licensing/comparisons/' + id);
    if (mine !== turn || !box.open) return;
    if (!c) { wrong('The comparison could not be read.', 'Try again.'); return; }
    if (c.live) { wait('Being made, all at one loudness', Math.round(c.letters.reduce((n, l) => n + l.percent, 0) / c.letters.length)); setTimeout(look, 600); return; }
    trial = c; head(c.name, c.letters.length + ' tracks · ' + c.under.clip_name);
    const there = c.letters.filter(l => l.audio_url);
    if (there.length < 2 && !c.chosen) { wrong('Fewer than two can be heard.', 'Drafts are kept for a day, and a preview may not have come. Compare anew.'); return; }
    wrong(''); q('.cu-f').hidden = true; ready('abc'); letters();
    stage(c.under.film_url, c.under.start_s, c.under.seconds);
    if (there.length) to(there[0].letter, false);
  };
  await look();
};
const letters = () => {
  const c = trial, focus = document.activeElement && document.activeElement.dataset.letter;
  q('.cu-abc').replaceChildren(...c.letters.map(l => el('button', { type: 'button', class: 'tb', 'data-letter': l.letter, disabled: !l.audio_url, 'aria-pressed': l.letter === letter ? 'true' : 'false', 'aria-label': 'Hear ' + l.letter, onclick: () => to(l.letter, true) }, l.letter)));
  if (focus) q('.cu-abc [data-letter="' + focus + '"]').focus();
  q('.cu-pick').hidden = c.chosen; q('[data-act=choose]').textContent = 'Choose ' + (letter || 'A');
  said.textContent = c.chosen ? (c.kept ? 'One is kept among your favourites.' : 'Revealed.') : 'All play at one loudness. Go from letter to letter while it plays, then choose.';
  q('.cu-told').hidden = !c.chosen;
  q('.cu-told').replaceChildren(...c.revealed.map(told), ...c.choices.map(x => el('li', { class: 'cu-who' }, el('small', {}, x.user_id + (x.name ? ' chose ' + x.name : ' heard no difference') + (x.note ? ': ' + x.note : '')))));
};
const told = r => el('li', {}, el('b', {}, r.letter), el('span', {}, r.name, el('small', {}, r.error || (r.wins ? r.wins + (r.wins === 1 ? ' vote' : ' votes') : ''))), el('span', { class: 'acts' },
  trial.mine && !trial.kept ? el('button', { type: 'button', class: 'tb' + (r.wins ? ' ink' : ''), 'aria-label': 'Keep ' + r.name, onclick: () => keep(r) }, 'Keep') : '',
  r.provider ? el('button', { type: 'button', class: 'tb', 'aria-label': 'License ' + r.name, onclick: () => { box.close(); st.tell('st:license', { track: { provider: r.provider, id: r.track_id } }); } }, 'License…') : ''));
const to = async (next, sound) => {
  const mine = turn, l = trial.letters.find(x => x.letter === next), s = st.state(), at = ours(s) ? s.time : Number(range.value) || 0, on = ours(s) && s.playing;
  if (!l || !l.audio_url || (next === letter && on)) return;
  letter = next; letters();
  if (!sounds[next]) {
    const answer = await fetch(l.audio_url).catch(() => null);
    if (!answer || !answer.ok) { st.toast('error', next + ' could not be loaded.', 'Try again.'); return; }
    sounds[next] = URL.createObjectURL(await answer.blob());
  }
  if (mine !== turn || letter !== next) return;
  if (!sound && !on) quiet();
  key = 'under:' + trial.id + ':' + next; made = { url: sounds[next], id: '', d: '' };
  if (sound || on) st.play({ key, url: made.url, title: next, sub: trial.name, d: '', seconds, at: at < seconds - 0.3 ? at : 0 });
};
const choose = async more => {
  const a = await st.rest('POST', base() + '/choices', { note: q('[name=note]').value, ...more });
  if (a) again();
};
const again = async () => { const c = await st.rest('GET', '/music-licensing/comparisons/' + trial.id); if (c) { trial = c; letters(); } };
const keep = async r => {
  const a = await st.rest('POST', base() + '/keep', { letter: r.letter });
  if (a) { st.toast('ok', r.name + ' is a favourite', 'More like it is suggested from now on.'); st.tell('st:hearts'); again(); }
};
const past = async () => {
  const a = await st.rest('GET', '/music-licensing/comparisons');
  q('.cu-past').hidden = !a || !a.comparisons.length;
  if (a) q('[name=past]').replaceChildren(el('option', { value: '' }, 'Choose…'), ...a.comparisons.slice(0, 50).map(c => el('option', { value: c.id }, c.name + ' · ' + c.tracks + ' tracks' + (c.mine ? '' : ' · shared'))));
};

const under = () => ({ clip: form.clip.value, scene: form.scene.value, start: form.start.value, seconds: form.seconds.value, music: form.music.value });
const scenes = async want => {
  const a = form.clip.value && await st.ask(server, 'cu_scenes', { id: form.clip.value });
  if (a) localStorage.setItem(LAST, form.clip.value);
  form.scene.replaceChildren(el('option', { value: '' }, 'By the second'), ...(a ? a.scenes : []).map(s => el('option', { value: s.id }, s.name)));
  if (want && a && a.scenes.some(s => s.id === want)) form.scene.value = want;
};
const open = async d => {
  tracks = d.tracks || [];
  ++turn; wrong(''); q('.cu-stage').hidden = true;
  head(tracks.length > 1 ? 'Compare ' + tracks.length + ' tracks blind' : name(tracks[0] || {}), tracks.length > 1 ? 'Under one clip, by letters alone, until you have chosen.' : 'Under a clip, before anything is paid.');
  q('.cu-f [type=submit]').textContent = tracks.length > 1 ? 'Make the comparison' : 'Hear it';
  const a = await st.ask(server, 'cu_clips', {});
  if (!a) return;
  q('.cu-f').hidden = !a.clips.length; q('.cu-none').hidden = !!a.clips.length;
  form.clip.replaceChildren(...a.clips.map(c => el('option', { value: c.id }, c.name + ' · ' + c.dur)));
  const scene = d.scene || st.underScene || {}, last = scene.clip || localStorage.getItem(LAST);
  if (a.clips.some(c => c.id === last)) form.clip.value = last;
  await scenes(scene.id);
  if (!box.open) box.showModal();
  past();
};
form.clip.addEventListener('change', () => scenes());
q('.cu-f').addEventListener('submit', e => { e.preventDefault(); if (tracks.length > 1) compare(); else hear(); });
q('[name=past]').addEventListener('change', e => { if (e.target.value) { wait('Reading', 0); reveal(e.target.value); } });
box.addEventListener('close', () => { ++turn; quiet(); video.pause(); });
box.addEventListener('click', e => {
  const act = e.target.closest('[data-act]')?.dataset.act;
  if (act === 'close') box.close();
  if (act === 'toggle') { if (trial && letter && !ours(st.state())) to(letter, true); else play(); }
  if (act === 'choose' && letter) choose({ winner: letter });
  if (act === 'tie') choose({ tie: true });
});
st.hear('st:under', open);
