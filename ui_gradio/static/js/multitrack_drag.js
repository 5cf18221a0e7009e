
/* Moving, trimming and fading with the pointer; clips, edges and cuts snap to what means something. */
const NEAR_PX = 9;
const targetsBut = id => {
  const found = [{ at: 0, text: 'start' }, { at: line.at, text: 'playhead' }];
  if (line.open.length) found.push({ at: line.open.length, text: 'end' });
  line.open.markers.forEach(m => found.push({ at: m.at, text: m.label || 'marker', first: m.kind === 'scene' }));
  for (const { track, clip } of clips()) {
    if (clip.id === id) continue;
    const a = assetOf(clip), length = lengthOf(clip);
    found.push({ at: clip.start, text: a.name });
    if (!clip.loop) found.push({ at: clip.start + length, text: 'end of ' + a.name });
    if (a.beats && !clip.mute && !track.mute) {
      const bars = new Set(a.bars);
      a.beats.forEach((b, n) => { const t = clip.start + b - clip.offset; if (t >= clip.start - .001 && t <= clip.start + length + .001) found.push({ at: t, text: bars.has(n) ? 'bar' : 'beat' }); });
    }
  }
  return found;
};
const nearest = (at, found) => {
  if (!line.snap) return null;
  let best = null;
  for (const t of found) {
    const far = Math.abs(t.at - at);
    if (far <= NEAR_PX / line.pps && (!best || far < best.far - 1e-6 || t.first && far < best.far + 1e-6)) best = { ...t, far };
  }
  return best;
};
const guide = target => {
  const g = q('.mtguide'); if (!g) return;
  g.hidden = !target;
  if (target) { g.style.left = px(target.at) + 'px'; g.dataset.text = target.text; }
};
let drag = null;
const begin = e => {
  const node = e.target.closest('.mtclip'); if (!node || e.button) return false;
  const found = find(node.dataset.clip); if (!found) return false;
  choose(node.dataset.clip);
  const length = lengthOf(found.clip);
  drag = { node, ...found, part: e.target.dataset.part || 'move', x: e.clientX, y: e.clientY, scroll: q('.mtv').scrollLeft, targets: targetsBut(found.clip.id), moved: false,
    start: found.clip.start, length, fin: found.clip.fin, fout: found.clip.fout, lane: found.track.id, whole: assetOf(found.clip).seconds };
  q('.mtv').setPointerCapture(e.pointerId); // the clip itself may change its track, and would lose it
  return true;
};
const go = e => {
  const d = drag, by = (e.clientX - d.x + q('.mtv').scrollLeft - d.scroll) / line.pps;
  if (!d.moved && Math.hypot(e.clientX - d.x, e.clientY - d.y) < 4) return;
  d.moved = true;
  d.node.classList.add('drag');
  const c = d.clip, end = c.start + d.length;
  let hit = null;
  if (d.part === 'move') {
    let at = Math.max(0, c.start + by);
    const a = nearest(at, d.targets), b = c.loop ? null : nearest(at + d.length, d.targets);
    hit = a && (!b || a.far <= b.far) ? a : b;
    if (hit) at = hit === a ? a.at : b.at - d.length;
    d.start = Math.max(0, at);
    const lane = [...element.querySelectorAll('.mtlane')].find(l => { const r = l.getBoundingClientRect(); return e.clientY >= r.top && e.clientY < r.bottom; });
    if (lane && lane.dataset.lane !== d.lane) { d.lane = lane.dataset.lane; lane.append(d.node); }
  } else if (d.part === 'l') {
    let at = c.start + by; hit = nearest(at, d.targets); if (hit) at = hit.at;
    const low = c.loop ? 0 : Math.max(0, c.start - c.offset);
    d.start = Math.min(Math.max(at, low), end - .02);
    if (hit && Math.abs(d.start - hit.at) > 1e-6) hit = null;
    d.now = end - d.start;
  } else if (d.part === 'r') {
    let at = end + by; hit = nearest(at, d.targets); if (hit) at = hit.at;
    const last = c.start + d.whole - c.offset, to = Math.min(Math.max(at, c.start + .02), last);
    if (hit && Math.abs(to - hit.at) > 1e-6) hit = null;
    d.now = to - c.start;
  } else if (d.part === 'fi') { d.fin = Math.min(Math.max(0, c.fin + by), d.length - c.fout, 60); }
  else { d.fout = Math.min(Math.max(0, c.fout - by), d.length - c.fin, 60); }
  const shown = d.now == null ? d.length : d.now;
  d.node.style.left = px(d.start) + 'px'; d.node.style.width = Math.max(4, px(shown)) + 'px';
  const fi = d.node.querySelector('.mte.fi'), fo = d.node.querySelector('.mte.fo');
  fi.style.left = px(d.fin) + 'px'; fo.style.right = px(d.fout) + 'px';
  if (d.part === 'fi' || d.part === 'fo') d.node.querySelector('.mtf path').setAttribute('d', slopes(d.fin, d.fout, d.length));
  guide(hit);
  q('.mtp').textContent = d.part === 'fi' ? d.fin.toFixed(2) + ' s' : d.part === 'fo' ? d.fout.toFixed(2) + ' s' : precise(d.part === 'r' ? d.start + shown : d.start);
};
const drop = () => {
  const d = drag; drag = null;
  if (!d) return;
  d.node.classList.remove('drag'); guide(null); drawHeadAt();
  if (!d.moved) return;
  const c = d.clip, six = s => Math.round(s * 1e6) / 1e6;
  const wish = d.part === 'move' ? { edit: 'move', clip: c.id, start_s: six(d.start), ...(d.lane !== d.track.id ? { track: d.lane } : {}) }
    : d.part === 'l' ? { edit: 'trim', clip: c.id, start_s: six(d.start) }
    : d.part === 'r' ? { edit: 'trim', clip: c.id, end_s: six(d.start + d.now) }
    : d.part === 'fi' ? { edit: 'fade', clip: c.id, in_s: six(d.fin) } : { edit: 'fade', clip: c.id, out_s: six(d.fout) };
  now(wish);
};
const timeAt = e => Math.max(0, (e.clientX - q('.mtk').getBoundingClientRect().left) / line.pps);
const place = (at, snap) => {
  const hit = snap ? nearest(at, targetsBut('').filter(t => t.text !== 'playhead')) : null;
  line.at = Math.max(0, hit ? hit.at : at); drawHeadAt(); moveSound();
};
q('.mtv').addEventListener('pointerdown', e => {
  if (!line.open) return;
  const mark = e.target.closest('.mtmark');
  if (mark) { const m = line.open.markers.find(each => each.id === mark.dataset.marker); if (m) place(m.at); return; }
  if (begin(e)) return;
  if (e.target.closest('.mtr')) {
    place(timeAt(e), !e.altKey);
    const ruler = q('.mtr'); ruler.setPointerCapture(e.pointerId);
    ruler.onpointermove = m => place(timeAt(m), !m.altKey);
    ruler.onpointerup = ruler.onpointercancel = () => { ruler.onpointermove = null; };
  } else if (e.target.closest('.mtk') && !e.button) { choose(''); place(timeAt(e), !e.altKey); }
});
q('.mtv').addEventListener('pointermove', e => { if (drag) go(e); });
q('.mtv').addEventListener('pointerup', drop);
q('.mtv').addEventListener('pointercancel', () => { drag = null; draw(); });
q('.mtv').addEventListener('dblclick', e => { const mark = e.target.closest('.mtmark'); if (mark) now({ edit: 'delete_marker', marker: mark.dataset.marker }); });
