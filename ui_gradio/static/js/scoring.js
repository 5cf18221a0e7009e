const st = window.st, el = st.el, q = s => element.querySelector(s), form = q('form'), KEY = 'studio-scoring', go = q('[data-act=score]');
const KEPT = ['provider', 'sound_gain_db', 'music_gain_db', 'duck_db', 'loudness', 'text', 'speaker', 'voice', 'voice_start_s'];
let over = '', usd = '0', turn = 0, wait = 0, clip = null, sending = false;
st.scoringEngine = () => form.provider.value;
const given = () => ({ over, keep_sound: form.keep_sound.checked, ...Object.fromEntries(['sound_gain_db', 'music_gain_db', 'duck_db', 'loudness', 'text', 'speaker', 'voice', 'voice_start_s'].map(n => [n, form[n].value])) });
const save = () => localStorage.setItem(KEY, JSON.stringify({ over, keep: form.keep_sound.checked, ...Object.fromEntries(KEPT.map(n => [n, form[n].value])) }));
const asked = () => ({ clip: clip.id, cues: st.cues.cues, seed: form.seed.value.trim() || st.cues.seed, provider: form.provider.value, form: given(), usd });
const paint = () => {
  element.querySelectorAll('[data-over]').forEach(b => b.setAttribute('aria-pressed', b.dataset.over === over));
  element.querySelectorAll('[data-for]').forEach(d => { d.hidden = d.dataset.for !== over; });
  q('.at').hidden = !over;
  form.querySelectorAll('input[type=range]').forEach(r => { r.closest('label').querySelector('output').textContent = (r.name === 'duck_db' ? '' : r.value > 0 ? '+' : '') + r.value; });
  const sounds = !clip || clip.sounds;
  q('.own').hidden = !sounds; form.sound_gain_db.closest('label').hidden = !sounds || !form.keep_sound.checked;
};
const weigh = () => {
  clearTimeout(wait); go.disabled = true; const mine = ++turn;
  if (!clip || !st.cues || st.cues.clip !== clip.id || !st.cues.cues.length) return;
  wait = setTimeout(async () => {
    let a = null; try { a = await server.score_price(asked()); } catch (e) { /* the pulse says that the studio is gone */ }
    if (mine !== turn || !a) return;
    const wrong = q('.me .wrong'), said = element.querySelectorAll('.me small');
    wrong.hidden = !a.error; wrong.textContent = a.error ? a.error.message + ' ' + a.error.hint : '';
    q('.mp b').textContent = a.said || ''; said[0].textContent = a.more || ''; said[1].textContent = a.licence || '';
    usd = a.usd || '0'; go.disabled = !!a.error || sending;
  }, 250);
};
const score = async () => {
  sending = true; go.disabled = true;
  const a = await st.ask(server, 'score', asked());
  sending = false; weigh();
  if (!a) return;
  st.follow(a.job, false); st.tell('st:scoring', { job: a.job, clip: clip.id });
};
const replan = () => st.tell('st:plan', { seed: form.seed.value.trim(), one: form.one.checked });
form.addEventListener('input', e => { if (e.target.name === 'one' || e.target.name === 'seed' || e.target.type === 'file') return; paint(); save(); weigh(); });
form.one.addEventListener('change', replan);
form.seed.addEventListener('change', () => { if (form.seed.value.trim() && !/^\d{1,10}$/.test(form.seed.value.trim())) { st.toast('error', 'The seed has to be a whole number.', 'Give 0 to 2147483647, or none.'); return; } replan(); });
element.addEventListener('click', e => {
  const b = e.target.closest('[data-over],[data-act]'); if (!b) return;
  if (b.dataset.over !== undefined && b.dataset.over !== over) { over = b.dataset.over; paint(); save(); weigh(); if (over) fill(); }
  if (b.dataset.act === 'score') score();
  if (b.dataset.act === 'record') st.record(b, q('.rec'), bring);
});
let filled = null;
const fill = async (wanted) => {
  const a = await st.ask(server, 'voices', {}, true); if (!a) return;
  const kept = filled ? { speaker: form.speaker.value, voice: form.voice.value } : before;
  form.speaker.replaceChildren(el('option', { value: '' }, 'The usual voice'), ...a.voices.map(v => el('option', { value: v.id }, v.name)));
  form.voice.replaceChildren(el('option', { value: '' }, 'Choose one…'), ...a.recordings.map(v => el('option', { value: v.id }, v.name)));
  filled = a; form.speaker.value = kept.speaker || ''; form.voice.value = wanted || kept.voice || '';
  if (form.speaker.selectedIndex < 0) form.speaker.value = ''; if (form.voice.selectedIndex < 0) form.voice.value = '';
  save(); weigh();
};
/* A recording is a piece of the library: it is kept whatever becomes of the film. */
const bring = async file => {
  if (!file) return;
  const data = new FormData(); data.append('kind', 'voiceover'); data.append('licence', 'uploaded-own'); data.append('file', file, file.name);
  q('.rec').textContent = 'Uploading…';
  const a = await st.send('POST', '/upload', data); q('.rec').textContent = '';
  if (a) { st.tell('st:changed'); await fill(a.id); }
};
q('.up input').addEventListener('change', e => { bring(e.target.files[0]); e.target.value = ''; });
st.hear('st:clip', c => { clip = c.id ? c : null; paint(); weigh(); });
st.hear('st:cues', weigh);
st.hear('st:seed', d => { form.seed.value = d.seed === null || d.seed === undefined ? '' : d.seed; if (d.one !== undefined) form.one.checked = d.one; });
let before = {};
try { before = JSON.parse(localStorage.getItem(KEY)) || {}; } catch (e) { /* nothing kept */ }
over = before.over || ''; if (before.keep === false) form.keep_sound.checked = false;
KEPT.forEach(n => { if (before[n] !== undefined && form[n].tagName !== 'SELECT') form[n].value = before[n]; else if (before[n] && [...form[n].options].some(o => o.value === before[n])) form[n].value = before[n]; });
if (over) fill();
clip = st.clip || null; paint(); weigh();
