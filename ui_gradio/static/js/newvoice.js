const st = window.st, el = st.el, q = s => element.querySelector(s), form = q('form');
const BASE = '/api/audio-studio/voice-cloning';
let kept = [], spoken = null, typed = false, busy = false;
const ready = () => { q('[data-act=make]').disabled = busy || !kept.some(k => k.usable) || !form.name.value.trim() || !form.speaker.value.trim() || !form.agreed.checked || !element.querySelector('.engines input:checked'); };
const words = () => { if (!typed) form.statement.value = props.words[form.commercial.checked ? 0 : 1].replace('{speaker}', form.speaker.value.trim() || '(name)').replace('{voice}', form.name.value.trim() || '(voice)'); };
form.statement.addEventListener('input', () => { typed = !!form.statement.value.trim(); });
form.addEventListener('input', () => { words(); ready(); });
form.addEventListener('submit', e => e.preventDefault());
const mark = c => el('li', { class: c.verdict === 'problem' ? 'bad' : c.verdict === 'ok' ? 'good' : 'none' }, el('b', {}, c.name.replace(/_/g, ' ')), el('span', {}, c.reason + (c.remedy ? ' ' + c.remedy : '')));
const card = k => {
  const pct = Math.round(100 * k.score), wrong = k.checks.filter(c => c.verdict === 'problem'), left = k.checks.filter(c => c.verdict === 'not assessed').length;
  return el('article', { class: 'refr', role: 'listitem', 'data-ok': k.usable ? '1' : '0' },
    el('div', { class: 'rh' }, el('b', {}, k.name), el('small', {}, st.clock(k.duration) + ' · ' + k.speech_s.toFixed(1) + ' s of speech' + (k.cleaned.length ? ' · cleaned' : '')),
      el('span', { class: 'sc' }, k.usable ? pct + ' of 100' : 'cannot be used'),
      el('button', { type: 'button', class: 'tb', 'aria-label': 'Leave out ' + k.name, onclick: () => { kept = kept.filter(x => x !== k); draw(); check(); } }, 'Leave out')),
    el('div', { class: 'pg' }, Object.assign(el('i', {}), { style: 'transform:scaleX(' + k.score + ')' })),
    k.cleaned.length ? el('p', { class: 'said' }, k.cleaned.join(' ')) : '',
    el('details', {}, el('summary', {}, (wrong.length ? wrong.length + (wrong.length === 1 ? ' problem' : ' problems') : 'No problem found') + (left ? ' · ' + left + ' not assessed' : '')), el('ul', { class: 'cks' }, ...k.checks.map(mark))));
};
const draw = () => { q('.recs').replaceChildren(...kept.map(card)); ready(); };
const advise = lines => q('.advice').replaceChildren(...lines.map(t => el('li', {}, t)));
let checking = Promise.resolve();
/* One after the other: what is dropped while another is checked joins it. */
const check = (files = []) => { checking = checking.then(() => checkNow(files)); return checking; };
const checkNow = async files => {
  const all = [...kept.map(k => k.file), ...files];
  if (!all.length) { advise([]); draw(); return; }
  if (all.length > props.most) { st.toast('error', all.length + ' recordings are too many.', 'Keep the best ' + props.most + '.'); return; }
  const data = new FormData(); all.forEach(f => data.append('files', f, f.name));
  q('.recs').classList.add('wait'); advise(['Checking ' + all.length + (all.length === 1 ? ' recording…' : ' recordings…')]);
  const a = await st.send('POST', BASE + '/check', data);
  q('.recs').classList.remove('wait');
  if (!a) { advise([]); return; }
  kept = a.recordings.map((r, n) => ({ ...r, file: all[n] })); advise(a.advice); draw();
};
form.files.addEventListener('change', () => { check([...form.files.files]); form.files.value = ''; });
['dragover', 'dragleave', 'drop'].forEach(n => q('.drop').addEventListener(n, e => { e.preventDefault(); q('.drop').classList.toggle('over', n === 'dragover'); if (n === 'drop') check([...e.dataTransfer.files]); }));
/* As it sounds: what cleans a call up would be learned as the voice. */
const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
const make = async () => {
  busy = true; ready();
  const data = new FormData();
  ['name', 'language', 'description', 'speaker', 'statement'].forEach(n => data.append(n, form[n].value));
  data.append('commercial', form.commercial.checked ? 'true' : 'false');
  kept.forEach(k => data.append('files', k.file, k.file.name));
  if (spoken) data.append('consent_recording', spoken, spoken.name);
  const a = await st.send('POST', BASE + '/upload', data);
  busy = false; ready();
  if (!a) return;
  const engines = [...element.querySelectorAll('.engines input:checked')].map(i => i.value);
  const t = await st.ask(server, 'teach', { id: a.voice.voice_id, engines });
  if (t) st.follow(t.job, false);
  kept = []; spoken = null; typed = false; form.reset(); q('.said').textContent = 'optional: read it aloud'; advise([]); draw(); words(); learners();
  st.tell('st:voices');
};
element.addEventListener('click', e => {
  const b = e.target.closest('[data-act]'); if (!b) return;
  if (b.dataset.act === 'record') st.record(b, q('.rec'), f => check([f]), RAW);
  if (b.dataset.act === 'speak') st.record(b, q('.said'), f => { spoken = f; q('.said').textContent = 'recorded'; ready(); }, RAW);
  if (b.dataset.act === 'make') make();
});
const learners = async () => {
  const a = await st.ask(server, 'learners', {}, true); if (!a) return;
  q('.engines').replaceChildren(el('legend', {}, 'Learned by'), ...a.engines.map(x => el('label', { class: 'ckl' },
    el('input', { type: 'checkbox', value: x.name, disabled: !x.ready, checked: x.ready && x.local }), ' ' + x.title + (x.ready ? (x.local ? ', on this machine, free' : ': the recordings are sent there') : ': ' + x.why))));
};
words(); learners();
