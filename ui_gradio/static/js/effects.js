const st = window.st, el = st.el, form = element.querySelector('form'), q = s => form.querySelector(s);
/* What it costs, or what is missing before anything can be made. */
const look = async () => {
  const a = await st.rest('GET', '/sound/effects'); if (!a) return;
  q('fieldset').disabled = !a.ready;
  q('fieldset').hidden = !a.ready;
  q('.miss').hidden = a.ready;
  q('.miss span').replaceChildren('Sound effects are made by ' + a.title + ': ' + a.why + '. ', el('code', {}, a.remedy));
  const cash = Number(a.usd);
  q('.cost').textContent = a.ready ? 'up to $' + cash.toFixed(2) + (a.units ? ' and ' + a.units + ' of your plan' : '') + ' · ' + a.title : '';
};
form.addEventListener('submit', async e => {
  e.preventDefault();
  const text = q('[name=text]').value.trim(), seconds = q('[name=seconds]').value;
  if (!text) { q('[name=text]').focus(); return; }
  const go = q('[type=submit]'); go.disabled = true;
  const a = await st.rest('POST', '/sound/effects', { text, influence: Number(q('[name=influence]').value), loop: q('[name=loop]').checked, ...(seconds ? { seconds: Number(seconds) } : {}) });
  go.disabled = false;
  if (a) { st.follow(a.job_id, true); st.soon(); }
});
st.hear('st:view', v => { if (v.page === 'music') look(); });
if (st.view() === 'music') look();
