const st = window.st, el = st.el, q = s => element.querySelector(s), KEY = 'studio-score-jobs', PLAY = q('template').innerHTML;
let clip = null, job = '', shown = '';
const panel = q('.rc-job'), bad = q('.rc-bad'), made = q('.rc-made'), which = q('select');
const jobs = () => { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch (e) { return {}; } };
const remember = (id, value) => { const all = jobs(); if (value) all[id] = value; else delete all[id]; localStorage.setItem(KEY, JSON.stringify(all)); };
const seen = () => { q('.rcr').hidden = panel.hidden && bad.hidden && !shown; };
const busy = row => {
  bad.hidden = true; panel.hidden = false; const pct = row.pct || 0;
  panel.querySelector('b').textContent = row.cancelling ? 'Cancelling' : row.stage || row.label || 'Waiting';
  panel.querySelector('.dur').textContent = [pct ? pct + ' %' : '', row.eta].filter(Boolean).join(' · ');
  panel.querySelector('.pg').setAttribute('aria-valuenow', pct); panel.querySelector('.pg i').style.transform = 'scaleX(' + pct / 100 + ')'; seen();
};
const follow = (id, c) => { job = id; remember(c, id); busy({}); st.follow(id, false); };
const look = async () => {
  const id = job, c = clip; if (!id || !c) return;
  const row = await st.ask(server, 'running', { job: id }, true);
  if (clip !== c || job !== id) return;
  if (!row) { job = ''; remember(c.id); panel.hidden = true; seen(); return; }
  if (row.live) { busy(row); return; }
  panel.hidden = true;
  if (row.film) { job = ''; remember(c.id); await list(row.film, true); }
  else { bad.hidden = false; bad.querySelector('b').textContent = row.cause || 'Scoring was cancelled.'; bad.querySelector('p').textContent = row.remedy; bad.querySelector('button').hidden = !row.retry; bad.dataset.job = id; job = ''; remember(c.id); }
  seen();
};
st.hear('st:pulse', p => { const row = job && p.jobs.find(j => j.id === job); if (!row) return; if (row.live) busy(row); else look(); });

const list = async (wanted, show_) => {
  const c = clip, a = await st.ask(server, 'films', { clip: c.id }, true); if (!a || clip !== c) return;
  which.hidden = a.films.length < 2;
  which.replaceChildren(...a.films.map(f => el('option', { value: f.id }, f.name + ' · ' + f.age)));
  const id = wanted || (a.films[0] && a.films[0].id);
  if (id) { which.value = id; await open(id, show_); } else { shown = ''; made.replaceChildren(); seen(); }
};
const open = async (id, show_) => {
  const c = clip, r = await st.ask(server, 'result', { id }, true); if (!r || clip !== c) return;
  shown = id; draw(r); seen(); st.tell('st:stage', { clip: c.id, url: r.film.url, show: !!show_ });
};
const button = (row, label) => { const b = el('button', { type: 'button', class: 'play small', 'aria-label': label, 'data-play': row.url, 'data-id': row.id, 'data-title': row.name, 'data-sub': row.meta || '', 'data-d': row.d, 'data-len': row.seconds, 'data-mixable': '1' }); b.innerHTML = PLAY; return b; };
const wave = d => { const s = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), p = document.createElementNS('http://www.w3.org/2000/svg', 'path'); s.setAttribute('class', 'wf'); s.setAttribute('viewBox', '0 0 384 40'); s.setAttribute('preserveAspectRatio', 'none'); s.setAttribute('aria-hidden', 'true'); p.setAttribute('d', d || ''); s.append(p); return s; };
const draw = r => {
  const rights = r.rights;
  made.replaceChildren(
    el('div', { class: 'drow rc-top' }, el('div', { class: 'ti' }, el('b', {}, r.film.name), el('small', {}, rights.title)),
      el('span', { class: 'acts' }, el('button', { type: 'button', class: 'tb ink', onclick: () => st.tell('st:stage', { clip: clip.id, url: r.film.url, show: true }) }, 'Watch'),
        r.project ? el('button', { type: 'button', class: 'tb', onclick: () => mix(r.project) }, 'Open in Mix') : '',
        el('button', { type: 'button', class: 'tb', onclick: () => st.tell('st:open', { id: r.film.id }) }, 'Details'))),
    el('div', { class: 'meters' }, ...r.facts.map(f => el('div', {}, el('small', {}, f.name), el('b', {}, f.value)))),
    el('div', { class: 'verdict ' + (rights.allowed ? 'yes' : 'no') }, el('b', {}, rights.allowed ? 'Cleared for YouTube, commercial use' : 'Not cleared for commercial use on YouTube'), ...rights.reasons.map(t => el('p', {}, t)), ...rights.credits.map(t => el('p', {}, 'Credit: ' + t))),
    el('div', { class: 'acts rc-files' }, ...r.files.map((f, n) => el('a', { class: 'tb', href: f.url, download: '' }, n ? f.name : 'Download the film (MP4)'))),
    r.cues.length ? el('div', { class: 'rc-sheet', tabindex: '0', role: 'region', 'aria-label': 'Cue sheet' }, el('table', { class: 'rc-table' }, el('caption', { class: 'vh' }, 'Cue sheet'),
      el('thead', {}, el('tr', {}, ...['From', 'To', 'Title', 'By', 'Licence', 'Cost'].map(t => el('th', { scope: 'col' }, t)))),
      el('tbody', {}, ...r.cues.map(c => el('tr', {}, el('td', { class: 'num' }, c.start.slice(3)), el('td', { class: 'num' }, c.end.slice(3)), el('td', {}, c.title), el('td', {}, c.made_by), el('td', {}, c.licence, c.credit ? el('small', {}, ' ' + c.credit) : ''), el('td', { class: 'num' }, '$' + Number(c.cost_usd).toFixed(2))))))) : '',
    r.stems.length ? el('div', { class: 'rc-stems', role: 'list', 'aria-label': 'Stems' }, ...r.stems.map(s => el('div', { class: 'tr', role: 'listitem' }, button({ ...s, name: r.film.name + ', ' + s.name }, 'Play the stem ' + s.name), el('span', { class: 'sn' }, s.name), wave(s.d), el('a', { class: 'tb', href: s.file, download: '', 'aria-label': 'Download the stem ' + s.name }, 'WAV')))) : '');
  mark();
};
/* A page that was never open has nobody yet to hear the event: it opens what it finds remembered. */
const mix = id => { localStorage.setItem('studio-timeline', id); st.show('mix'); st.tell('st:timeline', { id }); };
element.addEventListener('click', async e => {
  const b = e.target.closest('[data-act]'); if (!b) return;
  const id = b.dataset.act === 'retry' ? bad.dataset.job : job; if (!id) return;
  b.disabled = true; const a = await st.ask(server, 'steer', { act: b.dataset.act, job: id }); b.disabled = false;
  if (!a) return;
  if (b.dataset.act === 'retry') follow(id, clip.id); st.soon();
});
which.addEventListener('change', () => open(which.value, true));
const mark = st.wire(element, null);
const show = c => {
  clip = c.id ? c : null; job = ''; shown = ''; panel.hidden = true; bad.hidden = true; made.replaceChildren(); seen();
  if (!clip) return;
  list();
  const left = jobs()[clip.id]; if (left) { follow(left, clip.id); look(); }
};
st.hear('st:clip', show);
st.hear('st:scoring', d => { if (clip && d.clip === clip.id) { follow(d.job, d.clip); q('.rcr').scrollIntoView({ block: 'nearest', behavior: 'smooth' }); } });
if (st.clip) show(st.clip);
