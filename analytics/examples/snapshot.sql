-- Which log, size and root do the answers stand for?
SELECT log, log_size, root, admitted_until, views_version FROM snapshot;
