/* One sound at a time, whatever it is: a piece, a voice sample, or stems running together. The bar at the bottom, every
   play button and the captions only listen to it. */
(() => {
  const st = window.st;
  const make = () => { const a = document.createElement('audio'); a.preload = 'metadata'; a.hidden = true; return a; };
  const lead = make();
  lead.id = 'studio-audio';
  st.ready(() => document.body.append(lead));
  let group = [lead], item = null, wanted = false;
  const silent = new Map(), solo = new Set();

  const state = () => ({ item, playing: !lead.paused && !lead.ended, loading: wanted && lead.readyState < 3 && !lead.ended,
    time: lead.currentTime || 0, duration: (isFinite(lead.duration) && lead.duration) || (item && item.seconds) || 0, silent, solo });
  const say = () => st.tell('st:sound', state());
  const levels = () => group.forEach(a => {
    if (a.dataset.stem) a.muted = solo.size ? !solo.has(a.dataset.stem) : !!silent.get(a.dataset.stem);
    else a.muted = false;
  });
  const start = () => { wanted = true; group.forEach(a => a.play().catch(() => {})); say(); };
  const stop = () => { wanted = false; group.forEach(a => a.pause()); say(); };
  const seek = seconds => { group.forEach(a => { try { a.currentTime = seconds; } catch (e) { /* not loaded yet */ } }); say(); };

  const load = next => {
    stop();
    group.slice(1).forEach(a => { a.removeAttribute('src'); a.load(); a.remove(); });
    item = next;
    const parts = next.parts || [{ url: next.url, name: '' }];
    group = parts.map((p, n) => { const a = n ? make() : lead; a.dataset.stem = p.name || ''; a.src = p.url; return a; });
    group.slice(1).forEach(a => document.body.append(a));
    if (!next.parts) { silent.clear(); solo.clear(); }
    levels();
    lead.volume = next.volume || 1;
    if (next.at) lead.addEventListener('loadedmetadata', () => seek(next.at), { once: true });
  };
  const play = next => {
    if (item && item.key === next.key) { lead.paused ? start() : stop(); return; }
    load(next); start();
  };
  /* What sounds while it is made gives way to the finished piece, in which one can move; not in the middle of hearing it. */
  let finished = null;
  const swap = (key, next) => {
    if (!item || item.key !== key) return;
    if (!lead.paused && !lead.ended) { finished = { key, next }; return; }
    const at = lead.ended ? 0 : lead.currentTime;
    load(next); if (at) lead.currentTime = at;
    say();
  };
  lead.addEventListener('ended', () => { const f = finished; finished = null; if (f) swap(f.key, f.next); });
  ['play', 'playing', 'pause', 'waiting', 'loadedmetadata', 'seeked'].forEach(n => lead.addEventListener(n, say));
  lead.addEventListener('ended', () => { const was = item; stop(); seek(0); st.tell('st:ended', { item: was }); });
  lead.addEventListener('error', async () => {
    const src = lead.getAttribute('src');
    if (!src) return;
    const was = item; wanted = false; say();
    let told = null; // a media element does not say why; whoever refused it does
    try { const answer = await fetch(src); if (!answer.ok) told = await answer.json(); } catch (e) { /* no answer at all */ }
    st.toast('error', (told && told.detail) || 'This sound could not be loaded.', (told && told.hint) || 'The queue may be paused or its worker stopped: see Queue and Status.');
    st.tell('st:failed', { item: was });
  });
  lead.addEventListener('timeupdate', () => {
    // A passage ends where it ends; whoever moves on from there hears the rest.
    if (item && item.until && !lead.paused && lead.currentTime >= item.until) { if (lead.currentTime < item.until + 1) { stop(); seek(item.at || 0); } else item.until = 0; }
    // Separate elements drift apart by a few milliseconds a minute; the first one leads.
    for (const a of group.slice(1)) if (!lead.paused && Math.abs(a.currentTime - lead.currentTime) > 0.05) a.currentTime = lead.currentTime;
    say();
  });
  const flag = (name, which) => {
    if (which === 'mute') silent.set(name, !silent.get(name)); else solo.has(name) ? solo.delete(name) : solo.add(name);
    levels(); say();
  };
  const fromButton = b => ({ key: b.dataset.play, url: b.dataset.play, id: b.dataset.id || '', title: b.dataset.title || '',
    sub: b.dataset.sub || '', d: b.dataset.d || '', seconds: Number(b.dataset.len || 0), mixable: !!b.dataset.mixable });

  /* Play buttons and actions of a part: data-play plays here, data-act goes to `act` (a script) or `trigger` (Python). */
  const wire = (element, act) => {
    element.addEventListener('click', e => {
      const p = e.target.closest('[data-play]');
      if (p && element.contains(p)) { e.stopPropagation(); play(fromButton(p)); return; }
      const a = e.target.closest('[data-act]');
      if (a && element.contains(a) && act) act(a.dataset.act, a.dataset, a);
    });
    const mark = s => element.querySelectorAll('[data-play]').forEach(b => {
      const mine = s.item && s.item.key === b.dataset.play;
      b.classList.toggle('on', !!mine && s.playing);
      b.classList.toggle('busy', !!mine && s.loading);
      b.setAttribute('aria-pressed', !!mine && s.playing);
    });
    st.hear('st:sound', mark);
    return () => mark(state());
  };
  Object.assign(st, { play, swap, toggle: () => lead.paused ? start() : stop(), seek, flag, state, wire, fromButton });
  window.addEventListener('keydown', e => {
    if (e.code === 'Space' && item && !e.target.closest('input,textarea,button,select,a,[role=slider],[contenteditable]')) {
      e.preventDefault(); lead.paused ? start() : stop();
    }
  });
})();
