const st = window.st, el = st.el, q = s => element.querySelector(s);
const PLAY = '<svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor"><path class="pl" d="M8 5.5v13l11-6.5z"/><path class="pa" d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/></svg>';
const pick = q('[name=trial]'), said = q('.said'), cards = q('.trc'), desk = q('.trw'), shown = q('.trr');
let id = '', timer = 0, last = '', result = null;
const base = () => '/ai-music/trials/' + id;
const bars = d => { const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), path = document.createElementNS('http://www.w3.org/2000/svg', 'path'); svg.setAttribute('viewBox', '0 0 384 40'); svg.setAttribute('preserveAspectRatio', 'none'); svg.setAttribute('class', 'wf'); svg.setAttribute('aria-hidden', 'true'); path.setAttribute('d', d); svg.append(path); return svg; };
const words = v => Object.entries(v).map(([n, x]) => (props.axes[n] || n) + ' ' + x).join(', ');
const choose = async more => {
  const a = await st.rest('POST', base() + '/choices', { rating: Number(q('[name=rating]').value) || null, note: q('[name=note]').value, ...more });
  if (a) { result = a; last = ''; look(); }
};
const keep = async letter => {
  const a = await st.rest('POST', base() + '/keep', { letter });
  if (a) { st.toast('ok', a.name + ' is kept', 'The others are in the bin.'); result = null; last = ''; look(); st.tell('st:changed'); }
};
const card = (v, t, waves) => {
  const known = result && result.variants.find(r => r.letter === v.letter);
  const play = el('button', { type: 'button', class: 'play small', 'aria-label': 'Play variant ' + v.letter, 'aria-pressed': 'false', disabled: !v.audio_url, 'data-key': v.audio_url || '', onclick: () => st.play({ key: v.audio_url, url: v.audio_url, title: 'Variant ' + v.letter, sub: t.name, d: waves[v.letter] || '', seconds: v.seconds || 0 }) });
  play.innerHTML = PLAY;
  return el('div', { class: 'rtc' + (known && known.number === result.kept ? ' sel' : ''), role: 'listitem', 'data-letter': v.letter },
    el('div', { class: 'rh' }, play, el('b', {}, v.letter), el('small', {}, v.audio_url ? st.clock(v.seconds) : v.status === 'running' ? v.stage + ' · ' + v.percent + ' %' + (v.seconds_left ? ' · ~' + st.clock(v.seconds_left) : '') : v.status)),
    v.audio_url ? bars(waves[v.letter] || '') : el('div', { class: 'pg', role: 'progressbar', 'aria-label': 'Progress of ' + v.letter, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': v.percent }, el('i', { style: 'transform:scaleX(' + v.percent / 100 + ')' })),
    known ? el('p', { class: 'said' }, words(known.values) + (known.wins ? ' · ' + known.wins + (known.wins === 1 ? ' vote' : ' votes') : '')) : '',
    el('div', { class: 'drow' }, result
      ? (t.mine && !t.kept && v.audio_url ? el('button', { type: 'button', class: 'tb' + (known && known.wins ? ' ink' : ''), 'aria-label': 'Keep ' + v.letter, onclick: () => keep(v.letter) }, 'Keep') : '')
      : el('button', { type: 'button', class: 'tb', disabled: t.live || !v.audio_url, 'aria-label': 'Choose ' + v.letter, onclick: () => choose({ winner: v.letter }) }, 'This one')));
};
const look = async () => {
  clearTimeout(timer);
  if (!id) return;
  const answer = await fetch('/api' + base()).catch(() => null);
  if (!answer || !answer.ok) { timer = setTimeout(look, 3000); return; }
  const t = await answer.json(), mine = id;
  if (t.chosen && !result) result = await st.rest('GET', base() + '/result');
  const told = JSON.stringify([t, result]);
  if (told !== last) {
    const w = await st.ask(server, 'trial_waves', { id }, true);
    if (mine !== id) return;
    last = told;
    said.textContent = t.live ? 'Being made: ' + t.stage + (t.seconds_left ? ', ~' + st.clock(Math.max(1, t.seconds_left)) + ' left' : '') : t.kept ? 'One is kept.' : result ? 'Revealed.' : 'Listen to all, then choose. All play at one loudness.';
    cards.replaceChildren(...t.variants.map(v => card(v, t, w ? w.waves : {})));
    desk.hidden = t.live || !!result;
    shown.hidden = !result;
    const all = result && await st.rest('GET', '/ai-music/trials/rates');
    if (result) shown.replaceChildren(el('h3', {}, 'This trial, and all of them'), ...rates(result.rates, 'here'), ...(all ? rates(all.rates, 'all trials') : []), el('p', { class: 'said' }, 'The dot is the share of choices won, the line its 95 % interval, the mark what chance would win.'));
    paint(st.state());
  }
  if (t.live) timer = setTimeout(look, 900);
};
const rates = (rows, where) => rows.map(r => st.interval((props.axes[r.axis] || r.axis) + ' ' + r.value + ' · ' + where, r.rate, r.low, r.high, r.chance, r.wins + ' of ' + r.choices + ' · ' + r.verdict));
const list = async want => {
  const a = await st.rest('GET', '/ai-music/trials'); if (!a) return;
  pick.replaceChildren(...a.trials.slice(0, 50).map(t => el('option', { value: t.id }, t.name + (t.mine ? '' : ' · shared'))));
  const next = want || id || (a.trials[0] && a.trials[0].id) || '';
  pick.value = next; open(next);
};
const open = next => { if (next !== id) { id = next; result = null; last = ''; cards.replaceChildren(); shown.hidden = true; } look(); };
const paint = s => element.querySelectorAll('[data-key]').forEach(x => { const on = s.item && s.item.key === x.dataset.key && s.playing; x.classList.toggle('on', !!on); x.setAttribute('aria-pressed', !!on); });
st.hear('st:sound', paint);
pick.addEventListener('change', () => open(pick.value));
q('[data-act=tie]').addEventListener('click', () => choose({ tie: true }));
st.hear('st:trial', t => list(t.id));
st.hear('st:view', v => { if (v.page === 'batch') list(); });
if (st.view() === 'batch') list();
