const st = window.st, qa = s => [...element.querySelectorAll(s)];
let id = '', asked = '';
const show = async next => {
  if (!next || next === asked) return;
  asked = next;
  const a = await st.ask(server, 'apart', { id: next }, true);
  if (!a || !a.piece || asked !== next) { asked = id; return; }
  id = next; props.value = a;
  setTimeout(() => paint(st.state()), 0);
};
const whole = () => { const p = props.value.piece; return { ...p, key: p.url, title: p.name, sub: p.meta, mixable: true }; };
const stems = () => { const p = props.value.piece; return { ...p, key: 'stems:' + p.id, title: p.name, sub: 'Stems · M mutes, S solos', mixable: true,
  parts: props.value.stems.map(s => ({ url: s.url, name: s.label })) }; };
const mine = s => s.item && s.item.id === id && id;
const paint = s => {
  const on = mine(s) && (s.playing || s.time > 0);
  qa('.sm button').forEach(b => b.classList.toggle('now', !!on && s.time >= b.dataset.start - 0.01 && s.time < b.dataset.end));
  const apart = on && s.item.key.startsWith('stems:');
  qa('[data-act=stems]').forEach(b => { b.textContent = apart && s.playing ? 'Pause stems' : 'Play stems'; b.setAttribute('aria-pressed', !!apart && s.playing); });
  qa('.st').forEach(r => {
    const muted = !!s.silent.get(r.dataset.stem), alone = s.solo.has(r.dataset.stem);
    r.querySelector('[data-act=mute]').setAttribute('aria-pressed', muted); r.querySelector('[data-act=solo]').setAttribute('aria-pressed', alone);
    const heard = s.solo.size ? alone : !muted;
    r.classList.toggle('off', !heard); r.classList.toggle('on', !!apart && s.playing && heard);
  });
};
st.wire(element, (act, data) => {
  const s = st.state();
  if (act === 'jump') { if (!mine(s)) st.play(whole()); else if (!s.playing) st.toggle(); st.seek(Number(data.start)); }
  if (act === 'stems') st.play(stems());
  if (act === 'mute' || act === 'solo') {
    if (!mine(s) || !s.item.key.startsWith('stems:')) { const t = mine(s) ? s.time : 0; st.play(stems()); if (t) setTimeout(() => st.seek(t), 150); }
    st.flag(data.stem, act);
  }
});
st.hear('st:sound', s => { if (s.item && s.item.id && s.item.id !== id && s.playing) show(s.item.id); paint(s); });
st.hear('st:takes', t => { if (t.kind === 'music' && t.rows.length && (!id || !st.state().playing)) show(t.rows[0].id); });
