const st = window.st, el = st.el, q = s => element.querySelector(s), KEY = 'studio-clip', JOB = 'studio-clip-job';
let request = null, job = '', shown = '', asset = '';
const up = q('.rc-up'), bad = q('.rc-bad'), licence = q('[name=licence]');
/* One thing at a time: what is under way, or why it did not work. What was open stays open. */
const busy = (title, part, left) => {
  bad.hidden = true; up.hidden = false;
  up.querySelector('b').textContent = title; up.querySelector('.dur').textContent = left || '';
  const pct = Math.round(100 * (part || 0)); up.querySelector('.pg').setAttribute('aria-valuenow', pct);
  up.querySelector('.pg i').style.transform = 'scaleX(' + pct / 100 + ')';
};
const rest = () => { up.hidden = true; job = ''; localStorage.removeItem(JOB); };
const wrong = (message, hint) => { rest(); bad.hidden = false; bad.querySelector('b').textContent = message; bad.querySelector('p').textContent = hint || ''; };
const bytes = n => n >= 1e6 ? (n / 1e6).toFixed(0) + ' MB' : Math.ceil(n / 1e3) + ' kB';

const send = file => {
  if (!file || !up.hidden) return;
  if (file.size > props.limit * 2 ** 20) { wrong('“' + file.name + '” is larger than ' + props.limit + ' MB.', 'Send a shorter or compressed film, or raise STUDIO_MAX_UPLOAD_MB.'); return; }
  if (!file.size) { wrong('“' + file.name + '” is empty.', 'Export it again.'); return; }
  const data = new FormData();
  data.append('kind', 'video'); data.append('licence', licence.value); data.append('credit', q('[name=credit]').value); data.append('file', file);
  request = new XMLHttpRequest();
  busy('Uploading ' + file.name, 0, bytes(file.size));
  request.upload.onprogress = e => busy(e.loaded === e.total ? 'Looking at ' + file.name : 'Uploading ' + file.name, e.total ? e.loaded / e.total : 0, bytes(e.loaded) + ' of ' + bytes(e.total));
  request.onload = () => {
    const code = request.status; let a = {}; try { a = JSON.parse(request.responseText); } catch (e) { /* said below */ }
    request = null;
    if (code === 401) { location.href = '/sign-in?next=' + encodeURIComponent(location.pathname + location.search); return; }
    if (code !== 201) { wrong(a.detail || 'The upload failed.', a.hint || 'Try again.'); return; }
    st.tell('st:changed'); apart(a.id);
  };
  request.onerror = () => { request = null; wrong('The upload broke off.', 'Check that the studio is running, then try again.'); };
  request.onabort = () => { request = null; rest(); };
  request.open('POST', '/upload'); request.send(data);
};
const apart = async id => {
  asset = id; busy('Waiting for the scenes', 0);
  const a = await st.ask(server, 'take_apart', { asset: id }, true);
  if (!a) { const e = await st.ask(server, 'take_apart', { asset: id }); rest(); if (e) taken(e); return; }
  taken(a);
};
const taken = a => { if (a.clip) { rest(); open(a.clip); } else if (a.job) watch_(a.job); };
const watch_ = id => { job = id; localStorage.setItem(JOB, id); busy('Finding the scenes', 0); st.follow(id, false); };
st.hear('st:pulse', async p => {
  const row = job && p.jobs.find(j => j.id === job); if (!row) return;
  if (row.live) { busy((!p.worker ? 'No worker is running' : row.stage || row.label) + ' · ' + row.title, row.pct / 100, [row.pct + ' %', row.eta].filter(Boolean).join(' · ')); return; }
  const id = job; job = '';
  const a = await st.ask(server, 'taken', { job: id }, true); if (!a) { job = id; return; }
  if (a.live) { job = id; return; }
  if (a.clip) { rest(); open(a.clip); } else wrong(a.cause, a.remedy);
});

const open = async id => {
  const c = await st.ask(server, 'clip', { id }, true);
  if (!c) { localStorage.removeItem(KEY); list(); return; }
  shown = c.id; localStorage.setItem(KEY, c.id); bad.hidden = true; st.clip = c;
  st.tell('st:clip', c); pictures(c); list();
};
/* Some at a time: a long film has hundreds. */
const pictures = async c => {
  for (let n = 0; n < c.scenes.length; n += 24) {
    const a = await st.ask(server, 'pictures', { ids: c.scenes.slice(n, n + 24).map(s => s.id) }, true);
    if (!a || st.clip !== c) return;
    c.scenes.forEach(s => { if (a.pictures[s.id]) s.picture = a.pictures[s.id]; });
    st.tell('st:pictures', a.pictures);
  }
};
const list = async () => {
  const a = await st.ask(server, 'films', {}, true); if (!a) return;
  q('.lib').hidden = !a.films.length;
  q('[name=film]').replaceChildren(el('option', { value: '' }, 'Choose…'), ...a.films.map(f => el('option', { value: f.id }, [f.name, f.dur, f.age].filter(Boolean).join(' · '))));
  q('.rc-past').hidden = !a.clips.length;
  q('.rc-past ul').replaceChildren(...a.clips.map(c => el('li', { class: c.id === shown ? 'here' : '' },
    el('button', { type: 'button', class: 'rc-open', 'aria-current': c.id === shown ? 'true' : 'false', onclick: () => open(c.id) }, el('b', {}, c.name), el('small', {}, c.dur + ' · ' + c.age)),
    el('button', { type: 'button', class: 'tb sq', 'aria-label': 'Delete the clip ' + c.name, title: 'Delete the clip; the film and what was made for it stay', onclick: e => drop_(c, e.currentTarget) }, '×'))));
};
const drop_ = async (c, button) => {
  if (button.dataset.sure !== '1') { button.dataset.sure = '1'; button.classList.remove('sq'); button.classList.add('bad'); button.textContent = 'Delete'; return; }
  const a = await st.ask(server, 'forget', { id: c.id }); if (!a) return;
  if (shown === c.id) { shown = ''; st.clip = null; localStorage.removeItem(KEY); st.tell('st:clip', {}); }
  st.toast('ok', 'The clip is deleted', 'The film and what was made for it stay in your library.'); list();
};
q('input[type=file]').addEventListener('change', e => { send(e.target.files[0]); e.target.value = ''; });
/* Dropped anywhere on this page: beside the frame, a browser would leave the page for the film. */
const page = element.closest('.film-page') || element;
['dragover', 'dragleave', 'drop'].forEach(n => page.addEventListener(n, e => {
  if (!e.dataTransfer || ![...e.dataTransfer.types].includes('Files')) return;
  e.preventDefault(); q('.drop').classList.toggle('over', n === 'dragover');
  if (n === 'drop') send(e.dataTransfer.files[0]);
}));
q('[name=film]').addEventListener('change', e => { if (e.target.value) apart(e.target.value); });
licence.addEventListener('change', () => { q('.credit').hidden = !props.credit.includes(licence.value); });
q('[data-act=stop]').addEventListener('click', async () => {
  if (request) { request.abort(); return; }
  if (job) { await st.rest('POST', '/jobs/' + job + '/cancel'); st.soon(); }
});
st.hear('st:changed', list);
const begin = () => {
  if (!st.follow) { setTimeout(begin, 60); return; }
  const left = localStorage.getItem(JOB), last = localStorage.getItem(KEY);
  if (last) open(last); else list();
  if (left) watch_(left);
};
begin();
