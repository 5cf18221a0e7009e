const st = window.st, el = st.el, q = s => element.querySelector(s);
const PLAY = '<svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor"><path class="pl" d="M8 5.5v13l11-6.5z"/><path class="pa" d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/></svg>';
const desk = q('.avd'), list = q('.avs'), words = q('[name=words]'), price = q('.price'), go = q('[data-act=hear]');
let picked = new Map(), usd = null, jobs = {}, results = {}, only = false, turn = 0, wait = 0, timer = 0;
const button = (text, fn, cls = '', label = '', more = {}) => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn, 'aria-label': label || false, ...more }, text);
const listen = (label, item) => { const b = el('button', { type: 'button', class: 'play small', 'aria-label': label, 'aria-pressed': 'false', 'data-key': item.key, onclick: () => st.play(item) }); b.innerHTML = PLAY; return b; };
const use = v => { localStorage.setItem('studio-voice', v.id); st.tell('st:choose', { id: v.id }); st.show('voice'); st.tell('st:gallery'); };
const pick = v => {
  if (picked.has(v.id)) { picked.delete(v.id); delete results[v.id]; delete jobs[v.id]; }
  else if (picked.size >= props.most) { st.toast('warn', 'Up to ' + props.most + ' voices at once', 'Take one out first.'); return; }
  else picked.set(v.id, v);
  list.querySelectorAll('[data-voice]').forEach(mark); desks(); weigh();
};
const mark = c => { const on = picked.has(c.dataset.voice); c.classList.toggle('sel', on); const b = c.querySelector('[data-pick]'); b.setAttribute('aria-pressed', on); b.textContent = on ? 'In the audition' : 'Audition'; };
const card = v => {
  const c = el('article', { class: 'avv', role: 'listitem', 'data-voice': v.id, style: '--h:' + v.hue }, el('div', { class: 'rh' }, listen('Play sample of ' + v.name, { key: v.url, url: v.url, title: v.name, sub: 'Voice sample', seconds: 0 }), el('div', { class: 'ti' }, el('b', {}, v.name), el('small', {}, v.about))),
    el('span', { class: 'bd' }, el('em', {}, v.price), el('em', { class: v.licence === 'commercial use' ? '' : 'w' }, v.licence)),
    el('div', { class: 'drow' }, button('Use', () => use(v), '', 'Use ' + v.name), button('Audition', () => pick(v), '', '', { 'data-pick': '1', 'aria-pressed': 'false', title: 'Hear ' + v.name + ' with your own words' })));
  mark(c); return c;
};
const desks = () => {
  desk.hidden = !picked.size;
  q('.avc').replaceChildren(...[...picked.values()].map(v => {
    const r = results[v.id], s = r && r.sound;
    return el('div', { class: 'rtc', role: 'listitem', 'data-heard': v.id }, el('div', { class: 'rh' }, s ? listen('Play ' + v.name + ' saying it', { ...s, key: s.url, title: v.name, sub: 'Audition', mixable: false }) : '', el('b', {}, v.name), el('small', {}, s ? s.seconds.toFixed(1) + ' s · ' + (r.cost || '$0.00') : '')),
      s ? wave(s.d) : el('p', { class: 'said' }, !jobs[v.id] ? 'Not heard yet' : r && !r.live ? r.cause || 'It failed.' : 'Being made…'),
      el('div', { class: 'drow' }, button('Take out', () => pick(v), '', 'Take ' + v.name + ' out'), button('Use', () => use(v), s ? 'ink' : '', 'Use ' + v.name + ' now')));
  }));
  paint(st.state());
};
const wave = d => { const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), path = document.createElementNS('http://www.w3.org/2000/svg', 'path'); svg.setAttribute('viewBox', '0 0 384 40'); svg.setAttribute('preserveAspectRatio', 'none'); svg.setAttribute('class', 'wf'); svg.setAttribute('aria-hidden', 'true'); path.setAttribute('d', d); svg.append(path); return svg; };
const asked = () => ({ voices: [...picked.keys()], words: words.value });
const weigh = () => {
  clearTimeout(wait); go.disabled = true;
  if (!picked.size) return;
  const mine = ++turn;
  wait = setTimeout(async () => {
    if (!words.value.trim()) { price.textContent = 'Write some words'; return; }
    const a = await st.ask(server, 'price', asked());
    if (mine !== turn) return;
    usd = a ? a.usd : null; price.textContent = a ? a.said : 'not possible like this'; go.disabled = !a;
  }, 250);
};
const look = async () => {
  clearTimeout(timer);
  const waiting = Object.fromEntries(Object.entries(jobs).filter(([v]) => !results[v] || results[v].live));
  if (!Object.keys(waiting).length) return;
  const a = await st.ask(server, 'heard', { jobs: waiting }, true);
  if (a) { Object.assign(results, a.rows); desks(); }
  timer = setTimeout(look, 700);
};
const paint = s => element.querySelectorAll('[data-key]').forEach(b => { const on = s.item && s.item.key === b.dataset.key && s.playing; b.classList.toggle('on', !!on); b.setAttribute('aria-pressed', !!on); });
st.hear('st:sound', paint);
let first = true, filter = 0;
const refresh = async () => {
  const value = n => q('[name=' + n + ']').value, mine = ++filter;
  const a = await st.ask(server, 'gallery', { search: value('search'), language: value('language'), gender: value('gender'), tier: value('tier'), favourites: only }, !first);
  if (!a || mine !== filter) return;
  if (first) { q('[name=language]').append(...a.languages.map(l => el('option', { value: l }, l))); first = false; }
  list.replaceChildren(...(a.rows.length ? a.rows.map(card) : [el('p', { class: 'none' }, 'No voice matches. Clear the search or choose another language.')]));
  q('.count').textContent = a.total > a.rows.length ? 'The first ' + a.rows.length + ' of ' + a.total + ' voices; search for the others.' : a.total === 1 ? '1 voice' : a.total + ' voices';
  paint(st.state());
};
let typing = 0;
q('.gbar').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(refresh, 200); });
q('[data-act=favourites]').addEventListener('click', e => { only = !only; e.currentTarget.setAttribute('aria-pressed', only); refresh(); });
words.addEventListener('input', weigh);
go.addEventListener('click', async () => {
  go.disabled = true;
  const a = await st.ask(server, 'hear', { ...asked(), usd });
  go.disabled = false;
  if (!a) { weigh(); return; }
  jobs = a.jobs; results = {}; desks(); look();
});
st.hear('st:view', v => { if (v.page === 'voices') refresh(); });
st.hear('st:gallery', () => { if (st.view() === 'voices') refresh(); });
if (st.view() === 'voices') refresh();
