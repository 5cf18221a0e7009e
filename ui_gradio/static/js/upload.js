const st = window.st, q = s => element.querySelector(s), box = q('dialog'), form = q('form');
let file = null, request = null;
const pick = f => { file = f || null; q('.drop b').textContent = f ? f.name : 'Choose a file, or drop it here'; q('[data-act=send]').disabled = !f; };
const notes = () => { const l = form.licence.value; q('.lnote').textContent = props.notes[l] || ''; q('.credit').hidden = !props.credit.includes(l); };
form.file.addEventListener('change', () => pick(form.file.files[0]));
form.licence.addEventListener('change', notes);
['dragover', 'dragleave', 'drop'].forEach(n => q('.drop').addEventListener(n, e => {
  e.preventDefault(); q('.drop').classList.toggle('over', n === 'dragover');
  if (n === 'drop') pick(e.dataTransfer.files[0]);
}));
const send = () => {
  const data = new FormData();
  for (const n of ['name', 'kind', 'licence', 'credit']) data.append(n, form[n].value);
  data.append('file', file);
  request = new XMLHttpRequest();
  const bar = q('.pg'); bar.hidden = false; q('[data-act=send]').disabled = true; q('[data-act=send]').textContent = 'Uploading…';
  request.upload.onprogress = e => { bar.firstElementChild.style.transform = 'scaleX(' + (e.total ? e.loaded / e.total : 0) + ')'; };
  const done = () => { bar.hidden = true; q('[data-act=send]').disabled = !file; q('[data-act=send]').textContent = 'Upload'; };
  request.onload = () => {
    done();
    let a = {}; try { a = JSON.parse(request.responseText); } catch (e) { /* said below */ }
    if (request.status !== 201) { const m = a.detail ? { message: a.detail, hint: a.hint } : { message: 'The upload failed.', hint: 'Try again.' }; st.toast('error', m.message, m.hint); return; }
    box.close(); st.toast('ok', 'In your library', a.name);
    a.warnings.forEach(w => st.toast('error', 'The file is damaged, but usable.', w));
    st.tell('st:uploaded', { id: a.id }); st.tell('st:changed'); st.soon();
  };
  request.onerror = () => { done(); st.toast('error', 'The upload broke off.', 'Check that the studio is running, then try again.'); };
  request.onabort = done;
  request.open('POST', '/upload'); request.send(data);
};
element.addEventListener('click', e => {
  const b = e.target.closest('[data-act]'); if (!b) return;
  if (b.dataset.act === 'close') { if (request) request.abort(); box.close(); }
  if (b.dataset.act === 'send' && file) send();
});
st.hear('st:upload', d => { form.reset(); pick(null); if (d.kind && d.kind !== 'mix') form.kind.value = d.kind; notes(); box.showModal(); });
notes();
