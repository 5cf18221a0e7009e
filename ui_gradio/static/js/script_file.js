const st = window.st, el = st.el, q = s => element.querySelector(s), told = q('.told');
const editor = () => document.querySelector('#script textarea');
const put = text => {
  const box = editor();
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, text);
  box.dispatchEvent(new Event('input', { bubbles: true })); box.scrollTop = 0;
};
const show = (name, notes, before) => {
  const close = el('button', { type: 'button', class: 'tb', 'aria-label': 'Dismiss', onclick: () => { told.hidden = true; } }, '×');
  const undo = before.trim() ? el('button', { type: 'button', class: 'tb', onclick: () => { put(before); told.hidden = true; } }, 'Put back what was there') : '';
  told.replaceChildren(el('div', { class: 'dr' }, el('b', {}, name), undo, close), ...(notes.length ? [el('ul', {}, ...notes.map(n => el('li', {}, n)))] : []));
  told.hidden = false;
};
const load = async (file, before) => {
  const data = new FormData();
  data.append('file', file); data.append('voice', localStorage.getItem('studio-voice') || '');
  let answer, found = {};
  try { answer = await fetch('/api/voice/script', { method: 'POST', body: data }); found = await answer.json(); }
  catch (e) { st.toast('error', 'The studio does not answer.', 'Is it still running?'); return; }
  if (!answer.ok) { st.toast('error', found.detail || 'The file could not be read.', found.hint || ''); return; }
  const words = Object.entries(found.pronunciations).map(([w, said]) => 'The file spells ' + w + ' as ' + said + ': add “' + w + ' = ' + said + '” under Pronunciation.');
  st.tell('st:speakers', { speakers: found.speakers });
  put(found.text);
  show(file.name, [...found.notes, ...words], before);
};
q('input').addEventListener('change', e => { const f = e.target.files[0]; e.target.value = ''; if (f) load(f, editor().value); });
element.addEventListener('click', e => { if (e.target.closest('[data-act=load]')) q('input').click(); });
/* Pasted as a whole, SSML and subtitles are known by how they begin. */
const FOREIGN = /^\s*(<\?xml[^>]*>\s*)?<speak[\s>]|^\s*WEBVTT|^\s*\d+\s*\n\s*\d\d?:\d\d:\d\d[,.]\d/;
document.addEventListener('input', e => {
  const box = editor();
  if (e.target === box && e.inputType === 'insertFromPaste' && FOREIGN.test(box.value)) load(new File([box.value], 'What was pasted'), box.value);
});
st.hear('st:new', () => { told.hidden = true; });
