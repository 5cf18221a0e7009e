const st = window.st, el = st.el, q = s => element.querySelector(s);
const PLAY = '<svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor"><path class="pl" d="M8 5.5v13l11-6.5z"/><path class="pa" d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/></svg>';
const MOST = 200;
let id = '', timer = 0, last = '';
const look = async () => {
  clearTimeout(timer);
  if (!id) return;
  const answer = await fetch('/api/ai-music/batch/status?batchId=' + encodeURIComponent(id) + '&limit=' + MOST).catch(() => null);
  if (!answer || !answer.ok) { timer = setTimeout(look, 3000); return; }
  const b = await answer.json(), live = b.status === 'pending' || b.status === 'processing';
  q('.said').textContent = [b.completed + ' of ' + b.total + ' done', b.failed ? b.failed + ' failed' : '', b.refused ? b.refused + ' refused for want of money' : '', b.cancelled ? b.cancelled + ' cancelled' : '', '$' + Number(b.cost).toFixed(4), live && b.secondsLeft ? '~' + st.clock(Math.max(1, b.secondsLeft)) + ' left' : ''].filter(Boolean).join(' · ');
  q('[data-act=cancel]').hidden = !live; q('[data-act=resume]').hidden = live || !b.missing; // a row that was left out has no job: it has to be mended in the table
  const zip = q('[data-zip]'); zip.hidden = !b.completed; zip.href = '/api/batches/' + id + '/file';
  const told = JSON.stringify(b.generations);
  if (told !== last) {
    last = told;
    q('.btl').replaceChildren(...b.generations.map(t => {
      const g = t.generation, name = 'Track ' + (t.index + 1);
      const play = el('button', { type: 'button', class: 'play small', 'aria-label': 'Play ' + name, 'aria-pressed': 'false', disabled: !g.audioUrl, 'data-key': g.audioUrl || '', onclick: () => st.play({ key: g.audioUrl, url: g.audioUrl, title: name, sub: 'Batch', seconds: 0 }) });
      play.innerHTML = PLAY;
      const bar = el('div', { class: 'pg', role: 'progressbar', 'aria-label': 'Progress of ' + name, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': g.progress }, el('i', { style: 'transform:scaleX(' + (g.status === 'completed' ? 1 : g.progress / 100) + ')' }));
      return el('div', { class: 'btr', role: 'listitem', 'data-state': g.status }, play, el('b', {}, name), el('small', {}, g.error || (g.status === 'processing' ? g.stage + ' · ' + g.progress + ' %' + (g.secondsLeft ? ' · ~' + st.clock(Math.max(1, g.secondsLeft)) : '') : g.status)), bar);
    }), b.total > MOST ? el('p', { class: 'said' }, 'The first ' + MOST + ' are shown; the ZIP and its manifest have all.') : '');
    paint(st.state());
  }
  if (live) timer = setTimeout(look, b.total > 100 ? 2500 : 900);
};
const paint = s => element.querySelectorAll('[data-key]').forEach(x => { const on = s.item && s.item.key === x.dataset.key && s.playing; x.classList.toggle('on', !!on); x.setAttribute('aria-pressed', !!on); });
st.hear('st:sound', paint);
st.hear('st:batch', b => { id = b.id; last = ''; look(); });
q('[data-act=cancel]').addEventListener('click', async () => { await st.rest('POST', '/jobs/' + id + '/cancel'); look(); });
q('[data-act=resume]').addEventListener('click', async () => { if (await st.rest('POST', '/batches/' + id + '/resume')) look(); });
