const st = window.st;
const NAMES = { voice: 'Voice', voices: 'AI voices', takes: 'Takes', clone: 'Clone', music: 'Music', recommend: 'Recommend', templates: 'Templates', batch: 'Batch & A/B', mix: 'Mix', analyse: 'Analyse', library: 'Library', licensing: 'Licensing', queue: 'Queue', costs: 'Costs', status: 'Status', team: 'Team' };
const charts = element.querySelector('.charts');
if (charts) charts.href = location.protocol + '//' + location.hostname + ':' + charts.dataset.port;
let now = '';
const show = (page, push) => {
  if (!NAMES[page] || !element.querySelector('[data-page="' + page + '"]')) page = 'voice';
  element.querySelectorAll('[data-page]').forEach(b => b.setAttribute('aria-current', b.dataset.page === page ? 'page' : 'false'));
  const url = new URL(location);
  if (push && url.searchParams.get('view') !== page) { url.searchParams.set('view', page); history.pushState({}, '', url); }
  const tab = document.querySelector('#pages [role=tab][data-tab-id="' + page + '"]');
  if (tab) tab.click();
  if (push && now !== page) scrollTo(0, 0);
  now = page;
  document.title = NAMES[page] + ' · Creator Workbench';
  setTimeout(() => st.tell('st:view', { page }), 30);
};
st.show = page => show(page, true);
element.addEventListener('click', e => {
  const b = e.target.closest('[data-page]');
  if (b) show(b.dataset.page, true);
  if (e.target.closest('[data-theme]')) { localStorage.setItem('studio-theme', document.body.classList.contains('dark') ? 'light' : 'dark'); st.paint(); }
});
window.addEventListener('popstate', () => show(st.view(), false));
window.addEventListener('keydown', e => {
  const page = /^\d$/.test(e.key) && Object.keys(NAMES)[(Number(e.key) + 9) % 10];
  if (e.altKey && !e.ctrlKey && page) { e.preventDefault(); show(page, true); }
});
st.hear('st:pulse', p => { const b = element.querySelector('.badge'); b.hidden = !p.live; b.textContent = p.live > 99 ? '99+' : p.live; });
st.paint();
const first = setInterval(() => { if (document.querySelector('#pages [role=tab]')) { clearInterval(first); show(st.view(), false); } }, 40);
