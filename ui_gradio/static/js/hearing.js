const st = window.st, q = s => element.querySelector(s), card = element.closest('.card') || element;
let id = '', known = null, timer = 0, asking = false;
const share = (s, ready) => Math.min(1, Math.max(0, (ready - s.start) / Math.max(0.01, s.end - s.start)));
const paint = s => {
  if (!known || !id) return;
  const now = known.sections.findIndex(x => s.time >= x.start && s.time < x.end);
  [...q('.hm').children].forEach((row, n) => {
    row.classList.toggle('now', n === now && s.playing);
    row.style.setProperty('--f', share(known.sections[n], known.ready) * 100 + '%');
    row.setAttribute('aria-current', n === now && s.playing);
  });
  const made = known.seconds ? Math.round(known.ready / known.seconds * 100) : 0;
  const said = [now >= 0 && s.playing && 'Playing ' + known.sections[now].name, known.over ? 'all of it is made' : made + ' % made'];
  q('.hs').textContent = known.seconds ? said.filter(Boolean).join(' · ') : 'Waiting for the first sound';
};
const build = () => {
  q('.hm').replaceChildren(...known.sections.map(s => st.el('div', { role: 'listitem', title: st.clock(s.start) + ' to ' + st.clock(s.end), style: 'flex-grow:' + Math.max(1, s.end - s.start) },
    st.el('b', {}, s.name), st.el('small', {}, st.clock(s.start)))));
};
const look = async () => {
  clearTimeout(timer);
  const mine = id;
  if (!mine || asking || !element.isConnected) return;
  asking = true;
  const a = await st.ask(server, 'sounding', { id: mine }, true);
  asking = false;
  if (mine !== id) return look();
  if (a) {
    const before = known;
    /* Once the piece is kept its folder is gone: what was known of its sections stays. */
    known = a.seconds || !before ? a : { ...before, ready: a.over ? before.seconds : before.ready, over: a.over };
    if (known.sections.length && (!before || before.sections.length !== known.sections.length)) build();
    paint(st.state());
  }
  if (!a || !a.over) timer = setTimeout(look, 500);
};
st.hear('st:sound', s => {
  const key = s.item && s.item.key || '', next = key.startsWith(props.stream) ? key.slice(props.stream.length) : '';
  if (next !== id) {
    id = next; known = null;
    card.classList.toggle('has', !!id);
    q('.hm').replaceChildren(); q('.hs').textContent = 'Waiting for the first sound';
    if (id) look();
  }
  paint(s);
});
