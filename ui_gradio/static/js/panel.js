const st = window.st, q = s => element.querySelector(s);
let kind = '', turn = 0;
const refresh = async () => {
  const mine = ++turn;
  const words = q('input').value;
  const a = await st.ask(server, 'find', { words, kind }, true);
  if (!a || mine !== turn) return;
  props.value = a.rows;
  setTimeout(() => {
    const n = q('.none'); n.hidden = a.rows.length > 0;
    n.textContent = words || kind ? 'Nothing matches. Clear the search or choose another kind.' : 'Everything you make or upload lands here.';
    mark();
  }, 0);
};
let wait = 0;
element.addEventListener('input', e => { if (e.target.type === 'search') { clearTimeout(wait); wait = setTimeout(refresh, 180); } });
element.addEventListener('click', e => {
  const b = e.target.closest('[data-kind]');
  if (b && b.closest('.fs')) { kind = b.dataset.kind; element.querySelectorAll('.fs [data-kind]').forEach(x => x.setAttribute('aria-pressed', x === b)); refresh(); }
});
const mark = st.wire(element, (act, data) => {
  if (act === 'open') st.tell('st:open', { id: data.id });
  if (act === 'add') st.tell('st:add', { id: data.id, title: data.title });
  if (act === 'upload') st.tell('st:upload', { kind: props.kind });
  if (act === 'new') st.tell('st:new', { kind: props.kind });
});
st.hear('st:changed', refresh);
st.hear('st:new', d => {
  if (d.kind !== props.kind) return;
  const box = document.querySelector(d.kind === 'voiceover' ? '#script textarea' : '#prompt textarea');
  if (!box) return;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, '');
  box.dispatchEvent(new Event('input', { bubbles: true })); box.focus();
});
refresh();
