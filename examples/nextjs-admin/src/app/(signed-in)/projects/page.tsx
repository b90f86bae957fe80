import type { Metadata } from "next";
import Link from "next/link";

import { createProject } from "@/actions/rows";
import { mayCreate, mayDelete } from "@/api/may";
import { me, projects } from "@/api/readers";
import { DeletableRow } from "@/ui/deletable";
import { DeleteButton } from "@/ui/delete-button";
import { Field } from "@/ui/field";
import { FormDialog } from "@/ui/form-dialog";
import { one, Pager, pageNumber, SearchForm, Time } from "@/ui/parts";

export const metadata: Metadata = { title: "Projects" };

export default async function ProjectsPage({ searchParams }: PageProps<"/projects">) {
  const search = await searchParams;
  const [caller, list] = await Promise.all([
    me(),
    projects({ q: one(search, "q"), page: pageNumber(search), per_page: 20 }),
  ]);
  return (
    <>
      <div className="title">
        <h1 tabIndex={-1}>Projects</h1>
        {mayCreate(caller, "project") && (
          <FormDialog button="New project" title="New project" action={createProject}>
            <input type="hidden" name="workspace_id" value={caller.workspace_id ?? ""} />
            <Field label="Name" name="name" required maxLength={200} />
            <Field label="Slug" name="slug" required maxLength={60} hint="lower case letters, digits and hyphens" />
            <Field label="Description" name="description" />
          </FormDialog>
        )}
      </div>
      <SearchForm action="/projects" search={search} />
      {list.items.length === 0 && <p>No projects.</p>}
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Slug</th>
            <th>Changed</th>
            <th>
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.items.map((project) => (
            <DeletableRow key={project.id}>
              <th scope="row">
                <Link href={`/projects/${project.id}`}>{project.name}</Link>
              </th>
              <td>{project.slug}</td>
              <td data-label="Changed">
                <Time value={project.updated_at} />
              </td>
              <td className="buttons">
                {mayDelete(caller, "project") && (
                  <DeleteButton
                    target={{ type: "project", id: project.id, title: project.name, etag: project.etag }}
                  />
                )}
              </td>
            </DeletableRow>
          ))}
        </tbody>
      </table>
      <Pager path="/projects" search={search} {...list} />
    </>
  );
}
