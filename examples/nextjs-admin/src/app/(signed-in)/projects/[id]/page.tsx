import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";

import { editProject, editTask } from "@/actions/rows";
import { valueOf } from "@/api/client";
import { mayCreate, mayDelete, mayEdit } from "@/api/may";
import { me, memberNames, nameOf, project as readProject, tasks } from "@/api/readers";
import type { Me, Problem, Task } from "@/api/types";
import { DeletableRow } from "@/ui/deletable";
import { DeleteButton } from "@/ui/delete-button";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { NewTask } from "@/ui/new-task";
import { one, Pager, pageNumber, SearchForm, Time } from "@/ui/parts";
import { RestoreButton } from "@/ui/restore-button";

export const metadata: Metadata = { title: "Project" };

export default async function ProjectPage({ params, searchParams }: PageProps<"/projects/[id]">) {
  const id = Number((await params).id);
  if (!Number.isSafeInteger(id) || id < 1) notFound();
  const [caller, read] = await Promise.all([me(), readProject(id)]);
  if (!read.ok && read.problem.status === 410) return <Deleted id={id} caller={caller} problem={read.problem} />;
  const project = valueOf(read);

  const search = await searchParams;
  const query = { project_id: id, q: one(search, "q"), page: pageNumber(search), per_page: 20 };
  const [list, names] = await Promise.all([tasks(query), memberNames()]);
  return (
    <>
      <p>
        <Link href="/projects">← All projects</Link>
      </p>
      <div className="title">
        <h1 tabIndex={-1}>{project.name}</h1>
        {mayEdit(caller, "project") && (
          <FormDialog
            button="Edit"
            label={`Edit ${project.name}`}
            title="Edit the project"
            action={editProject}
            current={`“${project.name}”, ${project.slug}`}
          >
            <input type="hidden" name="id" value={id} />
            <input type="hidden" name="etag" value={project.etag} />
            <Field label="Name" name="name" defaultValue={project.name} required maxLength={200} />
            <Field label="Slug" name="slug" defaultValue={project.slug} required maxLength={60} />
            <Field label="Description" name="description" defaultValue={project.description} />
          </FormDialog>
        )}
        {mayDelete(caller, "project") && (
          <DeleteButton target={{ type: "project", id, title: project.name, etag: project.etag }} />
        )}
      </div>
      {project.description && <p>{project.description}</p>}
      <h2>Tasks</h2>
      {mayCreate(caller, "task") && <NewTask project={id} />}
      <SearchForm action={`/projects/${id}`} search={search} />
      {list.items.length === 0 && <p>No tasks.</p>}
      <table>
        <thead>
          <tr>
            <th>Title</th>
            <th>Status</th>
            <th>Assignee</th>
            <th>Changed</th>
            <th>
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.items.map((task) => (
            <DeletableRow key={task.id}>
              <th scope="row">{task.title}</th>
              <td data-label="Status">
                <span className={`status ${task.status}`}>{task.status}</span>
              </td>
              <td data-label="Assignee">{nameOf(names, task.assignee_id)}</td>
              <td data-label="Changed">
                <Time value={task.updated_at} />
              </td>
              <td className="buttons">
                {mayEdit(caller, "task") && <EditTask task={task} />}
                {mayDelete(caller, "task", task.created_by) && (
                  <DeleteButton target={{ type: "task", id: task.id, title: task.title, etag: task.etag }} />
                )}
              </td>
            </DeletableRow>
          ))}
        </tbody>
      </table>
      <Pager path={`/projects/${id}`} search={search} {...list} />
    </>
  );
}

function EditTask({ task }: { task: Task }) {
  return (
    <FormDialog
      button="Edit"
      label={`Edit ${task.title}`}
      title="Edit the task"
      action={editTask}
      current={`“${task.title}”, ${task.status}`}
    >
      <input type="hidden" name="id" value={task.id} />
      <input type="hidden" name="etag" value={task.etag} />
      <Field label="Title" name="title" defaultValue={task.title} required maxLength={200} />
      <label>
        Status
        <select name="status" defaultValue={task.status}>
          <option>open</option>
          <option>doing</option>
          <option>done</option>
        </select>
      </label>
    </FormDialog>
  );
}

function Deleted({ id, caller, problem }: { id: number; caller: Me; problem: Problem }) {
  return (
    <>
      <p>
        <Link href="/projects">← All projects</Link>
      </p>
      <h1 tabIndex={-1}>This project is in the trash</h1>
      {problem.deletion && (
        <p>
          Deleted on <Time value={problem.deletion.deleted_at} />
          {problem.deletion.reason && `: ${problem.deletion.reason}`}
        </p>
      )}
      {caller.permissions.restore && <RestoreButton target={{ type: "project", id, title: `project ${id}` }} />}
    </>
  );
}
