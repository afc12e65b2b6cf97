// Package forge keeps one comment a plan on a pull request of GitHub, or a merge request of GitLab: it finds its comment again by a hidden marker, edits it in
// place, and marks it when the base branch has moved on.
//
// client.go makes a Client; request.go sends, repeats and waits; host.go says which calls a forge must have, github.go and gitlab.go are those of each; marker.go
// and banner.go are what is hidden in a comment and what stands at its top; put.go and stale.go are the two things that are done. "Pull request" means GitLab's
// merge request too. What is said here of GitHub is in its REST API documentation (issue comments, pulls, branches, users; rate limits; best practices), and of
// GitLab in that of its REST API v4 (notes, merge requests, branches, users; pagination; rate limits) and its predefined variables.
package forge
