/* Makes the drawer's cards "Sound" and "Quality of the take" for a piece; the drawer asks for them. */
const st = window.st, el = st.el;
const button = (text, fn, cls = '', more = {}) => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn, ...more }, text);
const card = (title, ...children) => el('section', { class: 'dcard' }, el('h3', {}, title), ...children);
/* Both at one loudness, and at the same word when it is changed over. */
const compare = (a, done) => {
  const sides = [{ row: done.source, name: 'Before', shift: 0 }, { row: a, name: 'After', shift: done.shift }].map((s, n) => ({ ...s, volume: done.volumes[n] }));
  const keys = sides.map(s => s.row.url + '#ab');
  const play = n => {
    const s = st.state(), side = sides[n], other = s.item ? keys.indexOf(s.item.key) : -1;
    const at = other >= 0 && other !== n ? Math.max(0, s.time - sides[other].shift + side.shift) : 0;
    st.play({ ...side.row, key: keys[n], title: side.row.name, sub: side.name, mixable: true, volume: side.volume, at });
  };
  const buttons = sides.map((s, n) => button(s.name, () => play(n), '', { 'aria-pressed': 'false' }));
  const mark = s => { if (!buttons[0].isConnected) return; buttons.forEach((b, n) => { const on = s.playing && s.item && s.item.key === keys[n]; b.classList.toggle('ink', on); b.setAttribute('aria-pressed', on); }); };
  st.hear('st:sound', mark);
  return el('div', { class: 'drow' }, el('small', {}, 'Played at one loudness, so that only the sound differs.'), el('span', { class: 'acts' }, ...buttons));
};
const table = done => el('table', { class: 'ab' },
  el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, done.title), el('th', { scope: 'col' }, 'Before'), el('th', { scope: 'col' }, 'After'))),
  el('tbody', {}, ...done.rows.map(r => el('tr', {}, el('th', { scope: 'row' }, r.title + ' (' + r.unit + ')'), el('td', {}, r.before), el('td', {}, r.after)))));
const checks = done => done.checks.length ? [el('ul', { class: 'plain' }, ...done.checks.map(c => el('li', {},
  el('span', {}, c.title + ': ' + c.measured + (c.passed ? '' : '. ' + c.remedy)), el('small', {}, c.wanted), el('em', { class: 'pill ' + (c.passed ? 'good' : 'warn') }, c.passed ? 'passed' : 'fails'))))] : [];
const choose = a => {
  const pick = el('select', { class: 'inp', 'aria-label': 'Sound preset' }, ...Object.entries(props.presets).map(([k, v]) => el('option', { value: k }, v)));
  pick.value = localStorage.getItem('studio-sound-preset') in props.presets ? localStorage.getItem('studio-sound-preset') : 'podcast';
  const about = el('p', {}, props.abouts[pick.value]);
  pick.addEventListener('change', () => { about.textContent = props.abouts[pick.value]; localStorage.setItem('studio-sound-preset', pick.value); });
  const go = button('Polish', async () => {
    go.disabled = true;
    const r = await st.ask(server, 'polish', { id: a.id, preset: pick.value });
    go.disabled = false;
    if (r) { st.follow(r.job); st.toast('ok', 'In the queue', 'The polished piece appears beside this one.'); }
  }, 'ink');
  return [el('div', { class: 'drow' }, pick, go), about];
};
st.polishing = a => {
  const place = el('div', { class: 'polishing' });
  (async () => {
    const s = await st.ask(server, 'sound', { id: a.id }, true);
    if (!s) return;
    const d = s.done, q = s.quality;
    if (d || s.offered) place.append(card(d ? 'Sound, before and after' : 'Sound',
      ...(d ? [...(d.source ? [compare(a, d)] : []), table(d), ...checks(d)] : []), ...(s.offered && !d ? choose(a) : [])));
    if (q) place.append(card('Quality of the take', el('div', { class: 'bd' }, el('em', { class: q.state === 'good' || q.state === 'not assessed' ? '' : 'w' }, q.state)),
      ...q.lines.map(l => el('p', {}, l)), ...q.again.map(l => el('p', {}, l)), q.unknown ? el('p', {}, 'Not assessed: ' + q.unknown + '.') : ''));
  })();
  return place;
};
