const st = window.st;
let id = '', asked = '';
const show = async next => {
  if (!next || next === asked) return;
  asked = next;
  const a = await st.ask(server, 'lanes', { id: next }, true);
  if (!a || !a.mix) { asked = id; return; }
  id = next; props.value = a; setTimeout(() => { mark(); paint(st.state()); }, 0);
};
const mine = s => s.item && s.item.id === id;
const paint = s => {
  const t = element.querySelector('.tl'); if (!t) return;
  const on = mine(s), part = on && s.duration ? s.time / s.duration : 0;
  t.style.setProperty('--at', part); t.classList.toggle('on', !!on && (s.playing || s.time > 0)); t.setAttribute('aria-valuenow', Math.round(on ? s.time : 0));
};
const mark = st.wire(element, (act, data) => { if (act === 'open') st.tell('st:open', { id: data.id }); });
const start = () => { const m = props.value.mix; if (!mine(st.state())) st.play({ ...m, key: m.url, title: m.name, sub: m.meta }); };
element.addEventListener('click', e => {
  const t = e.target.closest('.tl'); if (!t) return;
  const r = t.getBoundingClientRect(), left = 64, part = Math.min(1, Math.max(0, (e.clientX - r.left - left) / (r.width - left)));
  start(); st.seek(part * props.value.mix.seconds);
});
element.addEventListener('keydown', e => {
  if (!e.target.closest('.tl')) return;
  const step = { ArrowRight: 2, ArrowLeft: -2 }[e.key];
  if (step) { e.preventDefault(); start(); st.seek(Math.max(0, st.state().time + step)); }
  if (e.key === ' ') { e.preventDefault(); mine(st.state()) ? st.toggle() : start(); }
});
st.hear('st:sound', s => { if (s.item && s.item.id && s.item.id !== id && s.playing) show(s.item.id); paint(s); });
st.hear('st:takes', t => { if (t.kind === 'mix' && t.rows.length) show(t.rows[0].id); });
