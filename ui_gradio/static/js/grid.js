const st = window.st, q = s => element.querySelector(s), qa = s => [...element.querySelectorAll(s)];
const ask = { kind: '', favourite: false, binned: false };
let turn = 0, rows = [], loaded = false;
const refresh = async (more = false) => {
  if (st.view() !== 'library') { loaded = false; return; }
  const mine = ++turn;
  const a = await st.ask(server, 'find', { ...ask, words: q('input[type=search]').value, folder: q('.folder').value, order: q('.order').value, offset: more ? rows.length : 0 });
  if (!a || mine !== turn) return;
  loaded = true;
  rows = more ? rows.concat(a.rows) : a.rows;
  props.value = rows;
  setTimeout(() => {
    const f = q('.folder'), keep = f.value;
    f.replaceChildren(st.el('option', { value: '' }, 'All folders'), ...a.folders.map(x => st.el('option', { value: x }, x))); f.value = keep;
    const words = q('input[type=search]').value, filtered = words || ask.kind || ask.favourite || keep;
    q('.none').hidden = rows.length > 0;
    q('.none').textContent = ask.binned ? 'The bin is empty.' : filtered ? 'Nothing matches. Clear the search or choose another kind.' : 'Nothing here yet. Speak, compose, or upload a file.';
    q('[data-act=more]').hidden = rows.length >= a.total;
    const line = document.querySelector('.library-line'); if (line) line.textContent = a.total + (a.total === 1 ? ' item' : ' items') + (ask.binned ? ' in the bin' : '');
    chosen(); mark();
  }, 0);
};
const picked = () => qa('.ck input:checked').map(i => i.value);
const chosen = () => {
  const ids = picked();
  qa('.ac').forEach(c => c.classList.toggle('sel', ids.includes(c.dataset.asset)));
  q('.bulk').hidden = !ids.length; q('.bulk b').textContent = ids.length + ' selected';
  qa('[data-bulk=restore],[data-bulk=purge]').forEach(b => { b.hidden = !ask.binned; });
  qa('[data-bulk=bin],[data-bulk=add],[data-bulk=file]').forEach(b => { b.hidden = ask.binned; });
};
const clear = () => { qa('.ck input:checked').forEach(i => { i.checked = false; }); chosen(); };
const bulk = async how => {
  const ids = picked();
  if (how === 'clear') { clear(); return; }
  if (how === 'add') { for (const id of ids) st.tell('st:add', { id }); clear(); return; }
  if (how === 'file') {
    const folder = prompt('Folder for ' + ids.length + ' items'); if (folder === null) return;
    for (const id of ids) if (!await st.edit({ id, folder })) return;
  } else {
    if (how === 'purge' && !confirm('Delete ' + ids.length + ' for good? This cannot be undone.')) return;
    const a = await st.discard(how, ids); if (!a) return;
    st.toast('ok', { bin: 'In the bin', restore: 'Restored', purge: 'Deleted for good' }[how], ids.length + (ids.length === 1 ? ' item' : ' items'));
  }
  clear(); st.tell('st:changed');
};
let wait = 0;
element.addEventListener('input', e => { if (e.target.type === 'search') { clearTimeout(wait); wait = setTimeout(refresh, 180); } if (e.target.type === 'checkbox') chosen(); });
element.addEventListener('change', e => { if (e.target.matches('select')) refresh(); });
element.addEventListener('click', e => {
  const k = e.target.closest('[data-kind]'), f = e.target.closest('[data-flag]'), b = e.target.closest('[data-bulk]');
  if (k) { ask.kind = k.dataset.kind; qa('[data-kind]').forEach(x => x.setAttribute('aria-pressed', x === k)); refresh(); }
  if (f) { ask[f.dataset.flag] = !ask[f.dataset.flag]; f.setAttribute('aria-pressed', ask[f.dataset.flag]); clear(); refresh(); }
  if (b) bulk(b.dataset.bulk);
});
const mark = st.wire(element, (act, data) => { if (act === 'open') st.tell('st:open', { id: data.id }); if (act === 'more') refresh(true); });
st.hear('st:changed', () => refresh());
st.hear('st:view', v => { if (v.page === 'library') refresh(); });
