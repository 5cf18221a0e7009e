const st = window.st;
/* Which of the four views shows is told to the others by an event, and to the style sheet by the page around them. */
const page = element.closest('.page');
st.queueView = v => {
  page.dataset.queue = st.queue = v;
  element.querySelectorAll('[data-v]').forEach(b => { const on = b.dataset.v === v; b.setAttribute('aria-selected', on); b.setAttribute('aria-pressed', on); });
  st.tell('st:queue', { view: v });
};
element.addEventListener('click', e => { const b = e.target.closest('[data-v]'); if (b) st.queueView(b.dataset.v); });
page.dataset.queue = st.queue = st.queue || 'now';
if (st.scheduling) setTimeout(() => st.queueView('schedules'), 60);
/* From a finished piece or a line of the history: its request, to be made again at times. */
st.hear('st:schedule', () => { if (element.isConnected) st.queueView('schedules'); });
