const st = window.st, page = element.closest('.page');
/* Which view shows is told to the others by an event, and to the style sheet by the page around them. */
st.licensingView = v => {
  page.dataset.lic = st.licensing = v;
  element.querySelectorAll('[data-v]').forEach(b => { const on = b.dataset.v === v; b.setAttribute('aria-selected', on); b.setAttribute('aria-pressed', on); if (on && b.offsetParent) b.scrollIntoView({ block: 'nearest', inline: 'nearest' }); });
  st.tell('st:licensing', { view: v });
};
element.addEventListener('click', e => { const b = e.target.closest('[data-v]'); if (b) st.licensingView(b.dataset.v); });
st.licensingView(st.licensing || 'search');
