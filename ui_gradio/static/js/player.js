const st = window.st, q = s => element.querySelector(s);
let shown = null;
q('.play').onclick = () => st.toggle();
const at = e => { const r = q('.seek').getBoundingClientRect(); return Math.min(1, Math.max(0, (e.clientX - r.left) / r.width)) * st.state().duration; };
q('.seek').onpointerdown = e => { if (!st.state().item) return; st.seek(at(e)); q('.seek').setPointerCapture(e.pointerId); q('.seek').onpointermove = m => st.seek(at(m)); };
q('.seek').onpointerup = () => { q('.seek').onpointermove = null; };
q('.seek').onkeydown = e => {
  const s = st.state(), step = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5 }[e.key];
  if (step) { e.preventDefault(); st.seek(Math.min(s.duration, Math.max(0, s.time + step))); }
  if (e.key === 'Home') st.seek(0);
  if (e.key === ' ') { e.preventDefault(); st.toggle(); }
};
q('.add').onclick = () => shown && st.tell('st:add', { id: shown.id, title: shown.title });
q('.more').onclick = () => shown && st.tell('st:open', { id: shown.id });
st.hear('st:sound', s => {
  const i = s.item; if (!i) return;
  if (shown !== i) {
    shown = i;
    q('.np b').textContent = i.title; q('.np small').textContent = i.sub || '';
    q('.play').disabled = false; q('.add').hidden = !i.mixable; q('.more').hidden = !i.id;
    q('.bg').setAttribute('d', i.d || ''); q('.fg').setAttribute('d', i.d || '');
  }
  q('.pbar').classList.toggle('on', s.playing); q('.play').classList.toggle('busy', s.loading);
  q('.play').setAttribute('aria-label', s.playing ? 'Pause' : 'Play');
  const part = s.duration ? s.time / s.duration * 100 : 0;
  q('.seek').style.setProperty('--p', part + '%');
  q('.seek').setAttribute('aria-valuenow', Math.round(part));
  q('.seek').setAttribute('aria-valuetext', st.clock(s.time) + ' of ' + st.clock(s.duration));
  q('.at').textContent = st.clock(s.time); q('.len').textContent = st.clock(Math.round(s.duration));
});
