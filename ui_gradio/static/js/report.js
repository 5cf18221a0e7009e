/* 'shown' */
const st = window.st;
let waits = '', turn = 0;
const load = async what => {
  const mine = ++turn;
  const a = await st.ask(server, 'read', what, true);
  if (!a || mine !== turn) return;
  props.value = a;
  trigger('shown', { job: a.job || '' });
  setTimeout(() => { mark(); paint(st.state()); }, 0);
};
const whole = () => { const p = props.value.asset; return { ...p, key: p.url, title: p.name, sub: p.meta, mixable: true }; };
const mine = s => s.item && props.value.asset && props.value.asset.id && s.item.id === props.value.asset.id;
const listen = at => {
  if (!props.value.asset || !props.value.asset.url) return;
  const s = st.state();
  if (!mine(s)) st.play(whole()); else if (!s.playing) st.toggle();
  st.seek(Math.max(0, at));
};
const paint = s => {
  const t = element.querySelector('.antl'); if (!t) return;
  const on = mine(s), at = on ? s.time : 0;
  t.style.setProperty('--at', Math.min(1, at / props.value.seconds)); t.classList.toggle('on', !!on && (s.playing || at > 0)); t.setAttribute('aria-valuenow', Math.round(at)); t.setAttribute('aria-valuetext', st.clock(at));
};
const mark = st.wire(element, (act, data) => { if (act === 'jump') listen(Number(data.at)); });
element.addEventListener('click', e => {
  const t = e.target.closest('.antl, .mel'); if (!t) return;
  const r = t.getBoundingClientRect();
  listen(Math.min(1, Math.max(0, (e.clientX - r.left) / r.width)) * props.value.seconds);
});
element.addEventListener('keydown', e => {
  if (!e.target.closest('.antl')) return;
  const step = { ArrowRight: 2, ArrowLeft: -2 }[e.key];
  if (step) { e.preventDefault(); listen((mine(st.state()) ? st.state().time : 0) + step); }
  if (e.key === ' ') { e.preventDefault(); mine(st.state()) ? st.toggle() : listen(0); }
});
st.hear('st:sound', paint);
st.hear('st:report', d => load(d));
st.hear('st:report-wait', d => { waits = d.job; });
st.hear('st:pulse', p => { const done = p.jobs.find(j => j.id === waits && !j.live); if (done) { waits = ''; if (done.state === 'done') load({ job: done.id }); } });
