const st = window.st, box = element.querySelector('.jobs'), kinds = props.kinds.split(' ');
const rows = new Map();
const make = job => {
  const row = st.el('div', { class: 'job', role: 'group', 'aria-label': job.title },
    st.el('div', { class: 'jt' }, st.el('b', {}, job.title), st.el('small', {})),
    st.el('div', { class: 'pg', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, st.el('i', {})),
    st.el('span', { class: 'dur pc' }), st.el('span', { class: 'dur eta' }),
    st.el('button', { type: 'button', class: 'tb', onclick: async () => { await st.ask(server, 'cancel', { id: job.id }); st.soon(); } }, 'Cancel'));
  rows.set(job.id, row); box.append(row);
  return row;
};
st.hear('st:pulse', p => {
  const mine = p.jobs.filter(j => j.live && kinds.includes(j.k) && !j.title.endsWith(', sample'));
  const ids = new Set(mine.map(j => j.id));
  for (const [id, row] of rows) if (!ids.has(id)) { row.remove(); rows.delete(id); }
  mine.slice(0, 6).forEach(job => {
    const row = rows.get(job.id) || make(job), q = s => row.querySelector(s);
    row.dataset.s = job.state;
    q('small').textContent = job.cancelling ? 'Cancelling' : !p.worker ? 'No worker is running' : p.paused && job.state === 'waiting' ? 'The queue is paused' : (job.draft ? 'Preview · ' : '') + (job.stage || job.label);
    q('.pg').setAttribute('aria-valuenow', job.pct); q('.pg i').style.transform = 'scaleX(' + job.pct / 100 + ')';
    q('.pc').textContent = job.state === 'running' ? job.pct + ' %' : ''; q('.eta').textContent = job.eta;
    q('button').disabled = job.cancelling;
  });
  element.classList.toggle('has', rows.size > 0);
});
